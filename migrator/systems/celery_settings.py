"""Celery's settings: how they are spelt, and what each means for a job that leaves Celery. Read from celery 5.7.0."""

from __future__ import annotations

from typing import Literal as OneOf

#: used: the rewrite reads its value. moot: without meaning once no job is on Celery, and without influence on what a job does.
#: renewal: worker processes are renewed, as Dramatiq's are not.
#: tests: eager mode. grave: it may change what every job does, or how it is reached, so no job is moved while it is set.
Bearing = OneOf["used", "moot", "renewal", "tests", "grave"]

_USED = frozenset(
    (
        *("beat_schedule", "broker_transport_options", "broker_url", "enable_utc", "imports", "include", "task_acks_late"),
        *("task_default_queue", "task_queues", "task_routes", "task_serializer", "task_soft_time_limit", "task_time_limit"),
        *("timezone", "worker_concurrency"),
    )
)

_MOOT = frozenset(
    (
        *("accept_content", "task_default_exchange", "task_default_routing_key"),
        *("beat_max_loop_interval", "beat_schedule_filename", "beat_sync_every"),
        *("broker_channel_error_retry", "broker_connection_max_retries", "broker_connection_retry", "broker_connection_retry_on_startup"),
        *("broker_connection_timeout", "broker_heartbeat", "broker_heartbeat_checkrate", "broker_pool_limit", "cache_backend"),
        *("database_engine_options", "database_short_lived_sessions", "database_table_names", "event_queue_expires", "event_queue_prefix"),
        *("event_queue_ttl", "event_serializer", "redis_backend_health_check_interval", "redis_max_connections", "redis_retry_on_timeout"),
        *("redis_socket_connect_timeout", "redis_socket_keepalive", "redis_socket_timeout", "result_accept_content", "result_backend"),
        *("result_backend_always_retry", "result_backend_max_retries", "result_backend_transport_options", "result_cache_max"),
        *("result_chord_join_timeout", "result_chord_retry_interval", "result_compression", "result_expires", "result_extended"),
        *("result_persistent", "result_serializer", "task_create_missing_queues", "task_eager_propagates", "task_ignore_result"),
        *("task_protocol", "task_publish_retry", "task_publish_retry_policy", "task_reject_on_worker_lost", "task_remote_tracebacks"),
        *("task_send_sent_event", "task_store_eager_result", "task_store_errors_even_if_ignored", "task_track_started"),
        *("worker_cancel_long_running_tasks_on_connection_loss", "worker_deduplicate_successful_tasks", "worker_disable_prefetch"),
        *("worker_enable_remote_control", "worker_hijack_root_logger", "worker_log_color", "worker_log_format", "worker_lost_wait"),
        *("beat_cron_starting_deadline", "beat_enable_remote_control", "beat_remote_control_max_tick_age", "broker_failover_strategy"),
        *("broker_native_delayed_delivery_queue_type", "broker_pool_acquire_timeout", "cache_backend_options", "control_exchange"),
        *("control_queue_durable", "control_queue_exclusive", "control_queue_expires", "control_queue_ttl", "database_url"),
        *("database_create_tables_at_setup", "database_engine_callback", "database_table_schemas", "event_exchange"),
        *("event_queue_durable", "event_queue_exclusive", "redis_backend_use_ssl", "redis_db", "redis_host", "redis_password"),
        *("redis_port", "redis_username", "result_backend_base_sleep_between_retries_ms", "result_chord_expires", "result_exchange"),
        *("result_backend_max_sleep_between_retries_ms", "result_exchange_type", "result_failure_expires", "task_compression"),
        *("task_allow_error_cb_on_chord_header", "task_create_missing_queue_exchange_type", "task_create_missing_queue_type"),
        *("task_default_delivery_mode", "task_repr_maxlevels", "worker_detect_quorum_queues", "worker_enable_prefetch_count_reduction"),
        *("worker_enable_soft_shutdown_on_idle", "worker_eta_task_limit", "worker_log_datefmt", "worker_pool_putlocks"),
        *("worker_pool_start_method", "worker_soft_shutdown_timeout", "worker_task_log_datefmt", "worker_timer_precision"),
        *("worker_prefetch_multiplier", "worker_proc_alive_timeout", "worker_redirect_stdouts", "worker_redirect_stdouts_level"),
        *("worker_send_task_events", "worker_state_db", "worker_task_log_format"),
    )
)

_TESTS = frozenset(("task_always_eager",))
_RENEWAL = frozenset(("worker_max_tasks_per_child", "worker_max_memory_per_child"))

#: what else Celery reads: it moves jobs, ranks them, or changes the process around them
_GRAVE = frozenset(
    (
        *("broker_host", "broker_login_method", "broker_password", "broker_port", "broker_read_url", "broker_user", "broker_vhost"),
        *("broker_write_url", "security_cert_store", "security_certificate", "security_digest", "security_key", "security_key_password"),
        *("task_acks_on_failure", "task_acks_on_failure_or_timeout", "task_acks_on_timeout", "task_default_exchange_type"),
        *("task_default_priority", "task_default_queue_type", "task_inherit_parent_priority", "task_queue_max_priority"),
        *("task_retry_on_worker_lost", "worker_agent", "worker_autoscaler", "worker_consumer", "worker_direct"),
        *("worker_pool_restarts", "worker_timer"),
    )
)

#: old names that are not just `CELERY_` plus the new one in capitals
_OLD = {
    "BROKER_CONNECTION_MAX_RETRIES": "broker_connection_max_retries",
    "BROKER_CONNECTION_RETRY": "broker_connection_retry",
    "BROKER_CONNECTION_TIMEOUT": "broker_connection_timeout",
    "BROKER_HEARTBEAT": "broker_heartbeat",
    "BROKER_POOL_LIMIT": "broker_pool_limit",
    "BROKER_TRANSPORT": "broker_transport",
    "BROKER_TRANSPORT_OPTIONS": "broker_transport_options",
    "BROKER_URL": "broker_url",
    "BROKER_USE_SSL": "broker_use_ssl",
    "CELERYBEAT_MAX_LOOP_INTERVAL": "beat_max_loop_interval",
    "CELERYBEAT_SCHEDULE": "beat_schedule",
    "CELERYBEAT_SCHEDULE_FILENAME": "beat_schedule_filename",
    "CELERYBEAT_SCHEDULER": "beat_scheduler",
    "CELERYD_CONCURRENCY": "worker_concurrency",
    "CELERYD_HIJACK_ROOT_LOGGER": "worker_hijack_root_logger",
    "CELERYD_LOG_COLOR": "worker_log_color",
    "CELERYD_LOG_FORMAT": "worker_log_format",
    "CELERYD_MAX_TASKS_PER_CHILD": "worker_max_tasks_per_child",
    "CELERYD_POOL": "worker_pool",
    "CELERYD_PREFETCH_MULTIPLIER": "worker_prefetch_multiplier",
    "CELERYD_TASK_LOG_FORMAT": "worker_task_log_format",
    "CELERYD_TASK_SOFT_TIME_LIMIT": "task_soft_time_limit",
    "CELERYD_TASK_TIME_LIMIT": "task_time_limit",
    "CELERY_ACKS_LATE": "task_acks_late",
    "CELERY_ALWAYS_EAGER": "task_always_eager",
    "CELERY_ANNOTATIONS": "task_annotations",
    "CELERY_CREATE_MISSING_QUEUES": "task_create_missing_queues",
    "CELERY_DEFAULT_EXCHANGE": "task_default_exchange",
    "CELERY_DEFAULT_QUEUE": "task_default_queue",
    "CELERY_DEFAULT_RATE_LIMIT": "task_default_rate_limit",
    "CELERY_DEFAULT_ROUTING_KEY": "task_default_routing_key",
    "CELERY_DISABLE_RATE_LIMITS": "worker_disable_rate_limits",
    "CELERY_EAGER_PROPAGATES_EXCEPTIONS": "task_eager_propagates",
    "CELERY_IGNORE_RESULT": "task_ignore_result",
    "CELERY_MAX_CACHED_RESULTS": "result_cache_max",
    "CELERY_QUEUES": "task_queues",
    "CELERY_REDIRECT_STDOUTS": "worker_redirect_stdouts",
    "CELERY_REDIRECT_STDOUTS_LEVEL": "worker_redirect_stdouts_level",
    "CELERY_ROUTES": "task_routes",
    "CELERY_SEND_EVENTS": "worker_send_task_events",
    "CELERY_SEND_TASK_ERROR_EMAILS": "",
    "CELERY_SEND_TASK_SENT_EVENT": "task_send_sent_event",
    "CELERY_STORE_ERRORS_EVEN_IF_IGNORED": "task_store_errors_even_if_ignored",
    "CELERY_MESSAGE_COMPRESSION": "task_compression",
    "CELERY_RESULT_DBURI": "database_url",
    "CELERY_RESULT_DB_TABLENAMES": "database_table_names",
    "CELERY_TASK_RESULT_EXPIRES": "result_expires",
    "CELERY_TRACK_STARTED": "task_track_started",
}


#: how old names begin -> how the new ones do
_PREFIXES = (
    *(("CELERY_", ""), ("CELERY_", "task_"), ("CELERY_", "worker_"), ("CELERYBEAT_", "beat_"), ("CELERYD_", "worker_")),
    *(("CELERYD_WORKER_", "worker_"), ("BROKER_", "broker_"), ("CELERY_RESULT_DB_", "database_"), ("CELERY_RESULT_", "database_")),
)


def setting_key(name: str, namespace: str = "") -> str:
    """The modern name of a setting as written in code or in a settings module, empty if it is none that Celery reads.

    >>> setting_key("CELERY_BROKER_URL", "CELERY"), setting_key("BROKER_URL"), setting_key("broker_url"), setting_key("CELERY_ROUTES")
    ('broker_url', 'broker_url', 'broker_url', 'task_routes')
    >>> setting_key("BROKER_URL", "CELERY"), setting_key("DEBUG")
    ('', '')
    """
    prefix = f"{namespace.rstrip('_')}_" if namespace else ""
    if prefix:
        if not name.lower().startswith(prefix.lower()):
            return ""
        plain = name[len(prefix) :].lower()
        if plain in known_keys():
            return plain
    if name in _OLD:
        return _OLD[name] if not prefix or name.startswith(prefix) else ""
    if name == name.lower() and name in known_keys():
        return name
    return "" if prefix and not name.startswith(prefix) else _by_prefix(name)


def _by_prefix(name: str) -> str:
    for old, new in _PREFIXES:
        key = f"{new}{name.removeprefix(old).lower()}"
        if name.startswith(old) and key in known_keys():
            return key
    return ""


def known_keys() -> frozenset[str]:
    """Every setting that `bearing` knows, and those that the old names lead to."""
    return _USED | _MOOT | _TESTS | _RENEWAL | _GRAVE | frozenset(v for v in _OLD.values() if v)


def bearing(key: str) -> Bearing:
    """What a setting (by its modern name) means for a job that leaves. One that we do not know is grave."""
    if key in _USED:
        return "used"
    if key in _MOOT:
        return "moot"
    if key in _RENEWAL:
        return "renewal"
    return "tests" if key in _TESTS else "grave"
