"""What PostgreSQL is asked about a service's outbox, each with the role that the service has."""

READERS = """
    SELECT names.name AS reader, coalesce(c.position, 0) AS position,
        coalesce(rows.last, c.position, 0) AS last, rows.unpublished, now() - rows.oldest AS oldest,
        leader.pid AS leader_pid, leader.address AS leader_address, leader.since AS leader_since
    FROM (VALUES ('facts'), ('states')) names (name)
    LEFT JOIN relay_cursors c ON c.reader = names.name
    LEFT JOIN LATERAL (SELECT a.pid, host(a.client_addr) AS address, a.backend_start AS since
        FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (l.classid::bigint << 32) | l.objid::bigint
            = hashtextextended('florin.relay.' || names.name, 0)) leader ON true,
    LATERAL (SELECT max(id) AS last, count(*) AS unpublished, min(stated_at) AS oldest
        FROM outbox o WHERE o.id > coalesce(c.position, 0)
        AND CASE names.name WHEN 'facts' THEN o.topic NOT LIKE '%-state'
            ELSE o.topic NOT LIKE '%-dead-letters' END) rows
    ORDER BY names.name
"""
"""The leader is the session that holds the reader's advisory lock (`road/relay.py`)."""

SLOTS = """
    SELECT slot_name AS name, active, wal_status,
        pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::bigint AS lag_bytes,
        safe_wal_size AS safe_bytes
    FROM pg_replication_slots WHERE database = current_database() AND plugin = 'pgoutput'
    ORDER BY slot_name
"""

PARTITIONS = """
    SELECT c.relname AS name, bound[1] AS from_, bound[2] AS to,
        pg_total_relation_size(c.oid) AS bytes, pg_relation_size(c.oid) > 0 AS rows
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    LEFT JOIN LATERAL regexp_match(pg_get_expr(c.relpartbound, c.oid),
        $$FROM \\('(.*)'\\) TO \\('(.*)'\\)$$) AS bound ON true
    WHERE i.inhparent = 'outbox'::regclass ORDER BY c.relname
"""
