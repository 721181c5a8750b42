"""How many programs a piece of work compiles."""

import jax.monitoring


def compilations(work):
    """How many programs XLA compiles during `work`."""
    counted = []

    def listen(event, duration, **_):
        if event == "/jax/core/compile/backend_compile_duration":
            counted.append(duration)

    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        work()
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)
    return len(counted)
