"""The tables of schema `transform` in database sync. All of it can be rebuilt from the log."""

SCHEMA = "transform"
STATEMENTS = (
    """
    CREATE TABLE IF NOT EXISTS links (
        source text PRIMARY KEY,          -- the Salesforce side, as a ref
        kind text NOT NULL,               -- kind of the NetSuite record
        external_id text NOT NULL,        -- empty where the counterpart is not ours to write
        netsuite_id text NOT NULL,        -- empty until NetSuite has said it
        reserved_by uuid,
        refusal bytea,                    -- the outcome that refused the counterpart, if one did
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    # Several products may be sold as one item; all else is one to one.
    """
    CREATE UNIQUE INDEX IF NOT EXISTS links_by_netsuite_id ON links (kind, netsuite_id)
    WHERE netsuite_id <> '' AND kind <> 'item'
    """,
    # Looked up for items too.
    """
    CREATE INDEX IF NOT EXISTS links_by_number ON links (kind, netsuite_id) WHERE netsuite_id <> ''
    """,
    """
    CREATE UNIQUE INDEX IF NOT EXISTS links_by_external_id ON links (kind, external_id)
    WHERE external_id <> ''
    """,
    """
    CREATE TABLE IF NOT EXISTS changes (
        event_id uuid PRIMARY KEY,
        ref text NOT NULL,
        major bigint NOT NULL,
        minor bigint NOT NULL,
        topic text NOT NULL,
        partition integer NOT NULL,
        "offset" bigint NOT NULL,
        round integer NOT NULL,
        state text NOT NULL CHECK (state IN ('open', 'parked', 'ended')),
        waits_on text,
        code text NOT NULL DEFAULT '',
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE INDEX IF NOT EXISTS changes_open ON changes (updated_at) WHERE state = 'open'
    """,
    """
    CREATE INDEX IF NOT EXISTS changes_waiting ON changes (waits_on) WHERE state = 'parked'
    """,
    """
    CREATE INDEX IF NOT EXISTS changes_parked_by_ref ON changes (ref) WHERE state = 'parked'
    """,
    """
    CREATE TABLE IF NOT EXISTS commands (
        command_id uuid PRIMARY KEY,
        event_id uuid NOT NULL,
        round integer NOT NULL,
        part text NOT NULL,
        body bytea,                       -- as produced; emptied once it ended
        result text NOT NULL DEFAULT ''   -- empty while under way
    )
    """,
    """
    CREATE INDEX IF NOT EXISTS commands_by_event ON commands (event_id)
    """,
    """
    CREATE TABLE IF NOT EXISTS applied (
        target text NOT NULL,
        field text NOT NULL,
        hash text NOT NULL,               -- empty until something was written
        under_way text NOT NULL DEFAULT '',  -- the last command that writes it, until it ended
        PRIMARY KEY (target, field)
    )
    """,
    "ALTER TABLE applied ADD COLUMN IF NOT EXISTS under_way text NOT NULL DEFAULT ''",
    """
    CREATE TABLE IF NOT EXISTS documents (
        ref text PRIMARY KEY,
        major bigint NOT NULL,
        minor bigint NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS bodies (
        ref text PRIMARY KEY,
        major bigint NOT NULL,
        minor bigint NOT NULL,
        body bytea NOT NULL               -- the newest change event with its document, encoded
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS credits (
        number bigint GENERATED ALWAYS AS IDENTITY,
        step text PRIMARY KEY,            -- whose link names the document that was made
        request text NOT NULL,
        billed text NOT NULL,
        gross numeric NOT NULL,
        applied numeric NOT NULL,
        payout numeric NOT NULL,
        lines jsonb NOT NULL,             -- of each line of the billed document how much
        part_of text NOT NULL,            -- the return whose receipt this credits; else empty
        voided boolean NOT NULL DEFAULT false
    )
    """,
    """
    CREATE INDEX IF NOT EXISTS credits_by_billed ON credits (billed)
    """,
    """
    CREATE INDEX IF NOT EXISTS credits_by_request ON credits (request)
    """,
    """
    CREATE TABLE IF NOT EXISTS reference_data (
        kind text NOT NULL,
        id text NOT NULL,
        key text NOT NULL,
        fields jsonb NOT NULL,
        PRIMARY KEY (kind, id)
    )
    """,
    """
    CREATE INDEX IF NOT EXISTS reference_data_by_key ON reference_data (kind, key COLLATE "C")
    """,
    """
    CREATE TABLE IF NOT EXISTS rate_uses (
        ref text PRIMARY KEY,
        pair text NOT NULL,
        day date NOT NULL,
        rate numeric NOT NULL
    )
    """,
    """
    CREATE INDEX IF NOT EXISTS rate_uses_by_day ON rate_uses (pair, day)
    """,
    """
    CREATE TABLE IF NOT EXISTS alerts (
        subject text PRIMARY KEY,
        body bytea NOT NULL               -- as it was raised
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS outbox (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        owner text NOT NULL,              -- the instance that stored it
        body bytea NOT NULL,
        parent text NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS parties (
        ref text PRIMARY KEY,             -- a NetSuite customer, or an account that gets one
        number bigint,                    -- the customer's id; of one that is gone too
        body bytea                        -- an account as it was read, its values sealed
    )
    """,
    """
    CREATE INDEX IF NOT EXISTS parties_by_number ON parties (number)
    """,
    """
    CREATE SEQUENCE IF NOT EXISTS party_numbers
    """,
    """
    CREATE TABLE IF NOT EXISTS party_keys (
        key bytea NOT NULL,               -- a keyed digest: nothing can be read from it
        ref text NOT NULL,
        taken bigint NOT NULL,            -- rises with every taking of a key
        PRIMARY KEY (key, ref)
    )
    """,
    """
    CREATE INDEX IF NOT EXISTS party_keys_by_ref ON party_keys (ref)
    """,
    """
    CREATE TABLE IF NOT EXISTS reviews (
        id uuid PRIMARY KEY,
        account text NOT NULL,
        candidate text NOT NULL,
        score numeric NOT NULL,
        evidence jsonb NOT NULL,          -- names of fields and sentences, no values
        event_id uuid NOT NULL,           -- the change that brought it up first
        body bytea NOT NULL,              -- the account as it was read then, its values sealed
        action text NOT NULL DEFAULT '',
        actor text NOT NULL DEFAULT '',
        reason text NOT NULL DEFAULT '',
        operation_id text NOT NULL DEFAULT '',
        opened_at timestamptz NOT NULL DEFAULT now(),
        decided_at timestamptz
    )
    """,
    """
    CREATE INDEX IF NOT EXISTS reviews_by_account ON reviews (account)
    """,
    # Whether two records may be the same, or two customers are to be merged.
    """
    ALTER TABLE reviews ADD COLUMN IF NOT EXISTS about text NOT NULL DEFAULT 'duplicate'
    """,
)
