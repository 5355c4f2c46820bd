-- Records on the topics of changes that ended as undecodable although their headers name a change.
-- Each counts as a change of its own, under the id of its outcome.
CREATE OR REPLACE VIEW audit.damaged AS
SELECT DISTINCT ON (outcome.event_id)
       outcome.event_id AS own_id, change.event_id AS header_id,
       change.topic, change.partition, change."offset", change.logged_at
  FROM audit.records AS outcome
  JOIN audit.records AS change
    ON change.topic = substring(outcome.origin FROM '^(.*) \[[0-9]{1,9}\] @ [0-9]{1,18}$')
   AND change.partition = substring(outcome.origin FROM ' \[([0-9]{1,9})\] @ [0-9]{1,18}$')::integer
   AND change."offset" = substring(outcome.origin FROM ' @ ([0-9]{1,18})$')::bigint
 WHERE outcome.code = 'UNDECODABLE'
   AND outcome.topic = 'sync.outcomes.v1'
   AND outcome.subject = 'change'
   AND change.topic IN ('salesforce.changes.v1', 'netsuite.changes.v1')
   AND change.event_id <> outcome.event_id
 ORDER BY outcome.event_id, change.topic, change.partition, change."offset";

-- Every change with the one state it stands in, as auditor.domain.conservation.standing_of finds
-- it. `topic` is null where outcomes name a change that is not there; `stands_at` is the offset of
-- the outcome that counts. A message that came twice counts where it came first. Texts of offset
-- and result keep the two together through min and max.
CREATE OR REPLACE VIEW audit.standing AS
WITH message AS (
    SELECT event_id,
           message_id,
           count(*) FILTER (WHERE topic <> 'sync.outcomes.v1') AS copies,
           min(topic) FILTER (WHERE topic <> 'sync.outcomes.v1') AS topic,
           min(logged_at) FILTER (WHERE topic <> 'sync.outcomes.v1') AS captured_at,
           min(lpad("offset"::text, 20, '0') || coalesce(result, ''))
               FILTER (WHERE topic = 'sync.outcomes.v1') AS stand,
           coalesce(min(result), '') IN ('parked', 'review') AS waits,
           min(operation_id) IS NOT NULL AS asked
      FROM audit.records
     WHERE event_id IS NOT NULL
       AND (topic IN ('salesforce.changes.v1', 'netsuite.changes.v1')
            OR topic = 'sync.outcomes.v1' AND subject = 'change')
     GROUP BY event_id, message_id
), event AS (
    SELECT event_id,
           sum(copies) AS copies,
           min(topic) AS topic,
           min(captured_at) AS captured_at,
           min(stand) FILTER (WHERE NOT waits) AS ended,
           min(stand) FILTER (WHERE NOT waits AND NOT asked) AS ended_itself,
           max(stand) FILTER (WHERE asked) AS asked_for,
           max(stand) FILTER (WHERE waits AND NOT asked) AS waited,
           max(stand) AS latest,
           count(stand) FILTER (WHERE NOT waits AND NOT asked) AS finals
      FROM message
     GROUP BY event_id
), lost AS (
    SELECT header_id, count(*) AS copies FROM audit.damaged GROUP BY header_id
), counted AS (
    SELECT event.event_id,
           coalesce(event.topic, own.topic) AS topic,
           coalesce(event.captured_at, own.logged_at) AS captured_at,
           CASE WHEN own.own_id IS NULL
                THEN event.copies - coalesce(lost.copies, 0) ELSE 1 END AS copies,
           CASE WHEN event.ended IS NULL
                THEN event.latest ELSE greatest(event.ended_itself, event.asked_for) END AS stand,
           event.finals > 1 AS is_contradicted,
           coalesce(event.waited > event.ended, false) AS is_reopened
      FROM event
      LEFT JOIN audit.damaged AS own ON own.own_id = event.event_id
      LEFT JOIN lost ON lost.header_id = event.event_id
)
SELECT event_id,
       CASE WHEN copies > 0 THEN topic END AS topic,
       captured_at,
       coalesce(substr(stand, 21), 'in_flight') AS state,
       left(stand, 20)::bigint AS stands_at,
       is_contradicted,
       is_reopened
  FROM counted
 WHERE copies > 0 OR stand IS NOT NULL;

-- The changes of each topic, counted without a look at their outcomes.
CREATE OR REPLACE VIEW audit.captured AS
SELECT topic, sum(changes)::bigint AS changes
  FROM (
      SELECT change.topic, count(*) AS changes
        FROM (
            SELECT event_id, min(topic) AS topic, count(*) AS copies
              FROM audit.records
             WHERE topic IN ('salesforce.changes.v1', 'netsuite.changes.v1')
               AND event_id IS NOT NULL
             GROUP BY event_id
        ) AS change
        LEFT JOIN (
            SELECT header_id, count(*) AS copies FROM audit.damaged GROUP BY header_id
        ) AS lost ON lost.header_id = change.event_id
       WHERE change.copies > coalesce(lost.copies, 0)
       GROUP BY change.topic
      UNION ALL
      SELECT topic, count(*) FROM audit.damaged GROUP BY topic
  ) AS counts
 GROUP BY topic;
