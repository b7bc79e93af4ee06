"""`flexura webhooks`."""

from __future__ import annotations

from cli_house import Terminal

URL = "https://hooks.invalid/hook"


def test_a_webhook_is_added_listed_tested_and_removed(terminal: Terminal) -> None:
    made = terminal.json(
        "webhooks", "add", URL, "--event", "job.failed", "--event", "job.completed"
    )
    assert made["events"] == ["job.failed", "job.completed"]
    listed = terminal.json("webhooks", "list")["webhooks"]
    assert made["id"] in [one["id"] for one in listed]
    assert made["id"] in terminal.run("webhooks", "list").stdout
    sent = terminal.json("webhooks", "test", made["id"])
    assert (sent["event"], sent["endpoint_id"]) == ("webhook.test", made["id"])
    log = terminal.json("webhooks", "deliveries", "--webhook", made["id"])["deliveries"]
    assert [one["id"] for one in log] == [sent["id"]]
    assert terminal.json("webhooks", "redeliver", sent["id"])["state"] == "pending"
    assert terminal.json("webhooks", "remove", made["id"]) == {"id": made["id"], "removed": True}
    assert terminal.run("webhooks", "remove", made["id"]).exit_code != 0


def test_adding_says_what_to_do_next(terminal: Terminal) -> None:
    result = terminal.run("webhooks", "add", URL)
    webhook = result.stdout.strip()
    assert webhook.startswith("wh_")
    assert "webhooks test" in result.stderr
    terminal.run("webhooks", "remove", webhook)


def test_a_private_url_is_refused_with_what_the_operator_can_do(terminal: Terminal) -> None:
    failure = terminal.json("webhooks", "add", "http://127.0.0.1:9000/", code=2)["error"]
    assert (failure["code"], failure["field"]) == ("invalid_request", "url")
    assert "allow_origins" in failure["next_step"]


def test_an_unknown_event_is_refused_before_anybody_is_asked(terminal: Terminal) -> None:
    result = terminal.run("webhooks", "add", URL, "--event", "job.exploded")
    assert result.exit_code == 2
    assert "job.completed" in result.stderr


def test_the_secret_is_shown_and_rotated(terminal: Terminal) -> None:
    old = terminal.run("webhooks", "secret").stdout.split()[0]
    assert old.startswith("whsec_")
    rotated = terminal.json("webhooks", "secret", "--rotate", "--overlap", "1")
    assert [one["secret"] for one in rotated["secrets"]][:2] == [rotated["secret"], old]
    shown = terminal.run("webhooks", "secret")
    assert shown.stdout.split()[0] == rotated["secret"]
    assert "until" in shown.stderr


def test_an_empty_log_says_so(terminal: Terminal) -> None:
    result = terminal.run("webhooks", "deliveries", "--webhook", "wh_none")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Nothing was sent" in result.stderr


def test_one_that_was_turned_off_is_turned_on_again(terminal: Terminal) -> None:
    made = terminal.json("webhooks", "add", URL)
    assert terminal.json("webhooks", "enable", made["id"])["enabled"] is True
    terminal.run("webhooks", "remove", made["id"])
