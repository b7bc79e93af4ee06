"""docs/operations.md: what whoever runs a gateway looks at; the figures from the code."""

from __future__ import annotations

from docs_build.table import table
from flexura.services.exposition import described

_BEFORE = """\
# Operating a gateway

What a running process tells: whether it lives and can take work, figures for Prometheus, a log, traces.
The same holds for `flexura serve` and, with `--port`, for `flexura worker`.

## Probes

| Path | Says | Use it for |
| --- | --- | --- |
| `/healthz` | 200 while the process answers; the store is not asked | liveness |
| `/healthz/ready` | 200 when work can be sent here, else 503 with every reason and next step | readiness |

Both are answered without a key, under a bare IP address too, and also while the process refuses other
requests because it has enough of them. Readiness looks at the store (a write), its schema, the disk of
`FLEXURA_HOME`, and at what runs jobs; what does not answer within 0.8 s counts as broken. An answer is
shared for a second, so ask as often as you like.

```yaml
livenessProbe:
  httpGet: {path: /healthz, port: 3000}
readinessProbe:
  httpGet: {path: /healthz/ready, port: 3000}
  periodSeconds: 2
```

After SIGTERM a process says that it is not ready and begins no job. A `flexura serve` goes on answering for
`FLEXURA_DRAIN_NOTICE_SECONDS` (2 with a team's database, else 0), so that a load balancer sees it, then stops
listening and finishes what it has begun. Make the notice longer than the period of the readiness probe. A
second SIGTERM ends it at once; nothing is lost by that, other workers take its jobs over.

## Figures

`GET /metrics` answers in Prometheus' text format. It tells of every workspace, so it wants an admin key of
the operator's workspace, or the token that you set as `FLEXURA_METRICS_TOKEN` (or `token` under `[metrics]`
in the configuration), which opens nothing else.

```yaml
scrape_configs:
  - job_name: flexura
    authorization: {credentials_file: /etc/prometheus/flexura-token}
    static_configs: [{targets: ["10.0.0.5:3000", "10.0.0.6:3000"]}]
```

"""
_AFTER = """\
prometheus_client adds `process_*`: memory, descriptors, CPU and start time. Histograms have `_bucket`, `_sum`
and `_count`.

**In a team** every process tells what it counted itself: `sum` those. The figures of the store are the same
in every process, whichever you ask: take `max`, never `sum`. No label holds an id of a job, a prompt or a
vendor's text; `flexura_workspace_spent_credits` names at most twenty workspaces, by their id.

### Alerts worth having

"""
_REST = """\
## The log

One line on stderr for each event. `FLEXURA_LOG=text` is for people, `json` for machines: one object per line.
Without the variable a process of a team (`FLEXURA_DATABASE_URL` is set) whose stderr is no terminal writes
JSON, and everything else text. `FLEXURA_LOG_LEVEL` is `info`; the gateway of one user, which the bridge
starts, writes only warnings to `gateway.log`.

```json
{"time": "2026-11-22T13:44:54.133Z", "level": "info", "logger": "flexura.jobs", "message": "job ended",
 "job_id": "job_01KAP…", "workspace": "ws_01KAP…", "trace_id": "0af7…", "event": "job_ended",
 "provider": "fal", "model": "fal:…", "kind": "image", "state": "completed", "seconds": "3.2"}
```

| Field | Holds |
| --- | --- |
| `time`, `level`, `logger`, `message` | always; UTC |
| `request_id` | the request; the same id is in every error that a caller sees |
| `job_id`, `workspace` | what the line is about |
| `trace_id` | the trace, also where only the caller traces |
| `event` | `start`, `stop`, `migration`, `job_accepted`, `job_begun`, `purchase`, \
`job_ended`, `job_overtaken`, `provider_down`, `provider_up`, `webhook_failed` |
| `provider`, `model`, `kind`, `state`, `code`, `attempt`, `seconds` | as the event has them |
| `exception` | a traceback |

At `debug` every request is a line, and libraries tell what they do. Lines of uvicorn, alembic, procrastinate
and the MCP SDK come in the same form. Secrets are taken out of all of them: API keys, signing secrets,
`Authorization` and cookies, signatures and credentials in URLs, and every value of the settings whose name
ends like a secret's (`…_KEY`, `…_TOKEN`, `…_SECRET`, `…_PASSWORD`, `…_AUTH`). Prompts are not logged.

Where the log is JSON, the first API key is not shown in it: `flexura keys create` makes one.

## Traces

```sh
pip install 'flexura[otel]'
export OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318
```

OpenTelemetry's own variables switch tracing on (`OTEL_EXPORTER_OTLP_ENDPOINT`, or `OTEL_TRACES_EXPORTER` as
`otlp`, `console` or `none`) and set the rest: `OTEL_SERVICE_NAME`, `OTEL_TRACES_SAMPLER`,
`OTEL_EXPORTER_OTLP_HEADERS`. Without them it costs nothing. Under `opentelemetry-instrument` the tracer
provider that is there is used.

One trace leads from the call to the provider, over all processes:

```
POST /mcp                         server      http.route, http.response.status_code, flexura.request_id
└ tools/call generate_image       server      gen_ai.tool.name
  ├ accept job → store transaction
  └ run job                       consumer    flexura.job_id, flexura.attempt; in whichever worker
    ├ submit fal                  client      gen_ai.provider.name, gen_ai.request.model
    ├ poll fal                    client      the last one, which had news
    ├ download fal                client
    ├ run job …                   consumer    the steps of a template
    └ deliver webhook             client
```

A caller's `traceparent` is continued: from the HTTP header, or from `_meta` of an MCP call (which the bridge
passes on). Providers and receivers of webhooks get none: what we trace is none of their business. Spans hold
no prompts, no secrets, no names of files; errors only their code.
"""


_SUBMITS = 'rate(flexura_provider_requests_total{operation="submit"%s}[10m])'
_FAILED, _ALL = _SUBMITS % ',outcome!="ok"', _SUBMITS % ""
_COMMITS = "sum by (le) (rate(flexura_store_commit_duration_seconds_bucket[5m]))"
ALERTS = (
    ("Nobody takes up jobs", "max by (provider) (flexura_queue_oldest_age_seconds) > 300", "1 m"),
    (
        "A provider fails",
        f"sum by (provider) ({_FAILED}) / sum by (provider) ({_ALL}) > 0.5",
        "10 m",
    ),
    ("A provider is left alone", "max by (provider) (flexura_provider_breaker_open) == 1", "10 m"),
    (
        "Nobody knows whether an order was bought",
        'sum(increase(flexura_jobs_ended_total{code="outcome_unknown"}[1h])) > 0',
        "0 m",
    ),
    ("It breaks", 'sum(rate(flexura_http_requests_total{status=~"500|507"}[5m])) > 0', "1 m"),
    ("It is full", 'sum(rate(flexura_http_requests_total{status="503"}[5m])) > 1', "5 m"),
    ("The disk is slow", f"histogram_quantile(0.99, {_COMMITS}) > 0.5", "5 m"),
    ("The store is away", "flexura_store_up == 0", "1 m"),
    ("Webhooks do not arrive", "max(flexura_webhooks_oldest_age_seconds) > 900", "5 m"),
    ("Money goes too fast", "sum(increase(flexura_spend_usd_total[1h])) > 20", "0 m"),
    ("Memory grows", "deriv(process_resident_memory_bytes[1h]) > 5e3", "6 h"),
    ("Workers lose jobs", "sum(increase(flexura_job_leases_lost_total[15m])) > 5", "5 m"),
)
_INFO = (
    ("`flexura_build_info`", "gauge", "version", "The version that runs."),
    ("`flexura_store_up`", "gauge", "", "Whether the store answered."),
)


def page() -> str:
    """The whole page."""
    rows = ((f"`{r['name']}`", r["type"], r["labels"], r["help"]) for r in described())
    figures = table(("Name", "Type", "Labels", "Meaning"), [*rows, *_INFO])
    alerts = table(("Alert", "PromQL", "For"), ((a, f"`{q}`", t) for a, q, t in ALERTS))
    return f"{_BEFORE}{figures}\n\n{_AFTER}{alerts}\n\n{_REST}"
