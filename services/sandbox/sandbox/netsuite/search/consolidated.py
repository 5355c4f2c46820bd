"""The table of consolidated exchange rates: reckoned from the dated rates, never written."""

VIEW = """
WITH RECURSIVE _above (child, id) AS (
  SELECT id, id FROM subsidiary
  UNION SELECT _above.child, s.parent FROM _above JOIN subsidiary s ON s.id = _above.id
  WHERE s.parent IS NOT NULL)
SELECT p.id * 1000000 + f.id * 1000 + t.id AS id, 1 AS accountingbook,
  CASE WHEN f.currency = t.currency THEN 1.0 ELSE coalesce(
    (SELECT round(avg(r.exchangerate), 8) FROM currencyrate r
     WHERE r.transactioncurrency = f.currency AND r.basecurrency = t.currency
     AND r.effectivedate BETWEEN p.startdate AND p.enddate),
    (SELECT r.exchangerate FROM currencyrate r
     WHERE r.transactioncurrency = f.currency AND r.basecurrency = t.currency
     AND r.effectivedate <= p.enddate ORDER BY r.effectivedate DESC, r.id DESC LIMIT 1))
  END AS averagerate,
  CASE WHEN f.currency = t.currency THEN 1.0 ELSE
    (SELECT r.exchangerate FROM currencyrate r
     WHERE r.transactioncurrency = f.currency AND r.basecurrency = t.currency
     AND r.effectivedate <= p.enddate ORDER BY r.effectivedate DESC, r.id DESC LIMIT 1)
  END AS currentrate,
  NULL AS externalid, f.currency AS fromcurrency, f.id AS fromsubsidiary,
  CASE WHEN f.currency = t.currency THEN 1.0 ELSE
    (SELECT r.exchangerate FROM currencyrate r
     WHERE r.transactioncurrency = f.currency AND r.basecurrency = t.currency
     AND r.effectivedate <= p.startdate ORDER BY r.effectivedate DESC, r.id DESC LIMIT 1)
  END AS historicalrate,
  'F' AS isderived, p.closed AS isperiodclosed,
  p.startdate AS periodstartdate, p.id AS postingperiod,
  t.currency AS tocurrency, t.id AS tosubsidiary
FROM accountingperiod p
CROSS JOIN _above a
JOIN subsidiary f ON f.id = a.child
JOIN subsidiary t ON t.id = a.id
WHERE coalesce(p.isyear, 'F') = 'F' AND coalesce(p.isquarter, 'F') = 'F'
"""
"""From each subsidiary to itself and to those above it, one row a month. The current rate is the
last of the month, the historical one that of its first day."""
