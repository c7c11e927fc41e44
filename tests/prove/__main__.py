"""`make prove`: proves the claims, compares model, code and query, and writes docs/proof.md.

PostgreSQL is compared where SAMVY_TEST_POSTGRES names a server. The exit status is 1 when anything
does not hold; the report then says what, with the facts that show it.
"""

import os
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.engine import make_url

from hub.store.connect import Store
from hub.store.migrate import upgrade
from tests.prove.comparison import beside, drawn, near
from tests.prove.mutants import fate, mutants
from tests.prove.places import NAMES
from tests.prove.proofs import prove
from tests.prove.report import Evidence, page
from tests.prove.scopes import compare
from tests.prove.space import LAWS

ROOT = Path(__file__).parents[2]
IN_FORCE = LAWS[1]
"""The law under which every world near a place is tried; under the others every one beside it."""
DRAWN, SEEDS = 50_000, 4
READERS = 200


def main() -> int:
    """Prove everything, write the report, and say what does not hold."""
    console = Console(stderr=True)
    with _stores() as urls, ProcessPoolExecutor() as pool, Progress(console=console) as progress:
        jobs: list[tuple[str, Future[Any]]] = []

        def enter(kind: str, work: Callable[..., Any], *arguments: object) -> None:
            jobs.append((kind, pool.submit(work, *arguments)))

        for law in LAWS:
            for name in NAMES:
                enter(law, near if law == IN_FORCE else beside, name, law)
            for seed in range(SEEDS):
                enter(law, drawn, seed, law, DRAWN)
            enter("claims", prove, (law,))
        for url in urls:
            enter("scopes", compare, url, 1, LAWS, READERS)
        for mutant in range(len(list(mutants()))):
            enter("mutants", _fate, mutant)
        task = progress.add_task("proving", total=len(jobs))
        for _, job in jobs:
            job.add_done_callback(lambda _: progress.advance(task))
        evidence = Evidence(
            proofs=[proof for kind, job in jobs if kind == "claims" for proof in job.result()],
            compared=[(kind, job.result()) for kind, job in jobs if kind in LAWS],
            scoped=[job.result() for kind, job in jobs if kind == "scopes"],
            fates=[job.result() for kind, job in jobs if kind == "mutants"],
        )
    (ROOT / "docs" / "proof.md").write_text(page(evidence), encoding="utf-8")
    failed = evidence.failures()
    for line in failed:
        console.print(line)
    console.print(f"prove: {len(failed)} failures; the report is docs/proof.md")
    return 1 if failed else 0


def _fate(number: int) -> Any:  # noqa: ANN401  # a fate; sections are found again in each process
    return fate(list(mutants())[number])


@contextmanager
def _stores() -> Iterator[list[str]]:
    """A migrated store on each database that there is, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{Path(folder) / 'prove.db'}"]
        server = os.environ.get("SAMVY_TEST_POSTGRES")
        name = sql.Identifier(f"samvy_prove_{uuid.uuid4().hex}")
        if server:
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
            url = make_url(server).set(
                drivername="postgresql+psycopg", database=name.as_string().strip('"')
            )
            urls.append(url.render_as_string(hide_password=False))
        try:
            for each in urls:
                store = Store(each)
                upgrade(store)
                store.close()
            yield urls
        finally:
            if server:
                with psycopg.connect(server, autocommit=True) as connection:
                    connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


if __name__ == "__main__":
    sys.exit(main())
