"""``manage.py serve``: the whole site with one command, web, worker and scheduler."""

import errno
import os
import socket
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from recsite.supervisor import Program, Supervisor


def parse_bind(bind: str) -> tuple[str, int]:
    """Split ``host:port`` (``[::1]:8000`` for IPv6); raise CommandError if it is not that."""
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise CommandError(f"--bind {bind!r} is not host:port, like 127.0.0.1:8000.")
    return host, int(port)


def check_port_is_free(host: str, port: int) -> None:
    """Raise CommandError with a sentence if a server could not listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise CommandError(f"{host!r} is not an address of this machine: {error}.") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(
                f"Port {port} on {host} is already in use. Stop the other program, or choose "
                f"another port: --bind {host}:{port + 1} (with make: BIND={host}:{port + 1})."
            ) from error
        raise CommandError(f"Cannot listen on {host}:{port}: {error.strerror}.") from error


def site_url(host: str, port: int) -> str:
    """Return the address to open in a browser on this machine."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    if ":" in shown and not shown.startswith("["):
        shown = f"[{shown}]"
    return f"http://{shown}:{port}/"


def worker_queues() -> list[str]:
    """Return every queue that the settings send tasks to."""
    routes = getattr(settings, "CELERY_TASK_ROUTES", {})
    default = getattr(settings, "CELERY_TASK_DEFAULT_QUEUE", "celery")
    return sorted({default, *(route["queue"] for route in routes.values())})


def web(bind: str, workers: int, threads: int) -> Program:
    command = (
        sys.executable, "-m", "gunicorn", "recsite.wsgi",
        "--config", str(settings.BASE_DIR / "recsite" / "gunicorn_conf.py"),
        "--bind", bind, "--workers", str(workers), "--threads", str(threads),
    )  # fmt: skip
    # One numeric thread a process: with several processes more would fight for the same cores.
    return Program("web", command, _environment("web", OMP_NUM_THREADS="1"))


def worker() -> Program:
    command = (
        sys.executable, "-m", "celery", "-A", "recsite", "--quiet", "worker", "--pool", "solo",
        "--queues", ",".join(worker_queues()),
        "--without-gossip", "--without-mingle", "--without-heartbeat",
    )  # fmt: skip
    return Program("worker", command, _environment("worker"), after_ready=True)


def beat() -> Program:
    # No pid file: after a kill it would keep the next one from starting.
    command = (
        sys.executable, "-m", "celery", "-A", "recsite", "--quiet", "beat",
        "--schedule", str(settings.DATA_DIR / "beat-schedule"), "--pidfile", "",
    )  # fmt: skip
    return Program("beat", command, _environment("beat"), after_ready=True)


def _environment(role: str, **more: str) -> dict[str, str]:
    return {"SEGUE_ROLE": role, "PYTHONUNBUFFERED": "1", **more}


class Command(BaseCommand):
    help = "Run the site: web server, task worker and scheduler, restarted when one dies."
    requires_system_checks = ()  # each program checks for itself; this one should start at once

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000", help="host:port (%(default)s)")
        parser.add_argument("--web-workers", type=int, default=2, help="processes (%(default)s)")
        parser.add_argument("--threads", type=int, default=4, help="a process (%(default)s)")
        parser.add_argument("--no-worker", action="store_true", help="without the task worker")
        parser.add_argument("--no-beat", action="store_true", help="without the scheduler")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = parse_bind(options["bind"])
        for name in ("web_workers", "threads"):
            if options[name] < 1:
                raise CommandError(f"--{name.replace('_', '-')} must be at least 1.")
        check_port_is_free(host, port)
        os.chdir(settings.BASE_DIR)  # gunicorn and Celery import the project from here

        programs = [web(options["bind"], options["web_workers"], options["threads"])]
        if not options["no_worker"]:
            programs.append(worker())
        if not options["no_beat"]:
            programs.append(beat())
        url = site_url(host, port)
        Supervisor(
            programs,
            say=self._say,
            ready_url=f"{url}healthz/",
            ready_message=f"Segue is running at {url} (Ctrl-C stops it)",
        ).run()

    def _say(self, line: str) -> None:
        try:
            self.stdout.write(line)
            self.stdout.flush()
        except BrokenPipeError:
            # What is still in the buffer would raise again when Python closes it at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise
