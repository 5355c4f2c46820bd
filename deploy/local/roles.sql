-- The same databases and roles that `tallystick up` makes, for a server that is set up by psql.
-- The passwords come from the environment.
\set ON_ERROR_STOP on
\getenv sync_owner SYNC_OWNER_PASSWORD
\getenv sync_service SYNC_SERVICE_PASSWORD
\getenv audit_owner AUDIT_OWNER_PASSWORD
\getenv audit_writer AUDIT_WRITER_PASSWORD
\getenv audit_reader AUDIT_READER_PASSWORD
\getenv keys_owner KEYS_OWNER_PASSWORD
\getenv keys_service KEYS_SERVICE_PASSWORD

CREATE ROLE sync_owner LOGIN PASSWORD :'sync_owner';
CREATE ROLE sync_service LOGIN PASSWORD :'sync_service';
CREATE ROLE audit_owner LOGIN PASSWORD :'audit_owner';
CREATE ROLE audit_writer LOGIN PASSWORD :'audit_writer';
CREATE ROLE audit_reader LOGIN PASSWORD :'audit_reader';
CREATE ROLE keys_owner LOGIN PASSWORD :'keys_owner';
CREATE ROLE keys_service LOGIN PASSWORD :'keys_service';

-- Services make their own schema in sync and keys; in audit nobody but the owner makes anything.
CREATE DATABASE sync OWNER sync_owner;
REVOKE ALL ON DATABASE sync FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE sync TO sync_service;
GRANT CREATE ON DATABASE sync TO sync_service;
CREATE DATABASE audit OWNER audit_owner;
REVOKE ALL ON DATABASE audit FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE audit TO audit_writer, audit_reader;
CREATE DATABASE keys OWNER keys_owner;
REVOKE ALL ON DATABASE keys FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE keys TO keys_service;
GRANT CREATE ON DATABASE keys TO keys_service;
