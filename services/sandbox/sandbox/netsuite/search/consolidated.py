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
RECORDS = """
CREATE VIEW IF NOT EXISTS _consolidated AS
SELECT 'consolidatedexchangerate' AS family, id, 'consolidatedExchangeRate' AS kind,
  NULL AS externalid, CAST(id AS TEXT) AS name, '' AS created, '' AS modified,
  0 AS creator, 0 AS modifier,
  json_object(
    'accountingBook', json_object('id', CAST(accountingbook AS TEXT)),
    'averageRate', averagerate, 'currentRate', currentrate, 'historicalRate', historicalrate,
    'fromCurrency', json_object('id', CAST(fromcurrency AS TEXT)),
    'fromSubsidiary', json_object('id', CAST(fromsubsidiary AS TEXT)),
    'isDerived', json('false'), 'isEliminationSubsidiary', json('false'),
    'isPeriodClosed', json(CASE isperiodclosed WHEN 'T' THEN 'true' ELSE 'false' END),
    'periodStartDate', substr(periodstartdate, 1, 10),
    'periodEndDate', (SELECT substr(p.enddate, 1, 10) FROM accountingperiod p
      WHERE p.id = postingperiod),
    'postingPeriod', json_object('id', CAST(postingperiod AS TEXT)),
    'toCurrency', json_object('id', CAST(tocurrency AS TEXT)),
    'toSubsidiary', json_object('id', CAST(tosubsidiary AS TEXT))) AS body
FROM consolidatedexchangerate;
"""
"""The same as the record service has them."""
