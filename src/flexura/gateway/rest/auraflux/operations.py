"""The operations of the AuraFlux surface; `/v1/upload` lies with the uploads."""

from __future__ import annotations

from flexura.gateway.rest.auraflux import jobs, templates
from flexura.gateway.rest.auraflux.schemas import SCHEMAS
from flexura.gateway.rest.auraflux.words import STATES_OF
from flexura.gateway.rest.idempotent import IDEMPOTENCY_KEY
from flexura.gateway.rest.operation import JSON, Operation
from flexura.gateway.rest.paging import QUERY
from flexura.gateway.rest.schemas import ref

__all__ = ["OPERATIONS", "SCHEMAS"]
_JOB = (JSON, ref("VideoJob"))

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/v1/jobs",
        jobs.submit_video_job,
        "Submit a job",
        {202: (JSON, ref("VideoJobAccepted"))},
        errors=(400, 401, 402, 403, 404, 409, 413, 415, 422, 429, 503, 507),
        body={JSON: ref("SubmitVideoJob")},
        headers=IDEMPOTENCY_KEY,
        links={"job_id": "/jobId"},
    ),
    Operation(
        "GET",
        "/v1/jobs",
        jobs.list_video_jobs,
        "List jobs",
        {200: (JSON, ref("VideoJobList"))},
        errors=(400, 401, 403, 429),
        query={**QUERY, "status": {"type": "string", "enum": ["", *STATES_OF]}},
    ),
    Operation(
        "GET",
        "/v1/jobs/{job_id}",
        jobs.get_video_job,
        "Get job status",
        {200: _JOB},
        errors=(401, 403, 404, 429),
    ),
    Operation(
        "DELETE",
        "/v1/jobs/{job_id}",
        jobs.cancel_video_job,
        "Cancel a job",
        {200: _JOB, 202: _JOB},
        errors=(401, 403, 404, 409, 429, 507),
    ),
    Operation(
        "GET",
        "/v1/jobs/{job_id}/result",
        jobs.get_video_result,
        "Get full job result",
        {200: (JSON, ref("VideoResult")), 202: (JSON, ref("VideoJobWaiting"))},
        errors=(401, 403, 404, 409, 429),
    ),
    Operation(
        "POST",
        "/v1/jobs/{job_id}/approve-publish",
        jobs.approve_publish,
        "Approve a staged job",
        {200: _JOB},
        errors=(400, 401, 403, 404, 409, 429, 507),
    ),
    Operation(
        "PUT",
        "/v1/jobs/{job_id}/schedule",
        jobs.schedule_video_job,
        "Set or take away the publish time of a job",
        {200: _JOB},
        errors=(400, 401, 403, 404, 409, 413, 415, 429, 507),
        body={JSON: ref("SchedulePublishing")},
    ),
    Operation(
        "POST",
        "/v1/jobs/{job_id}/publish/{destination}/retry",
        jobs.retry_publishing,
        "Publish to one destination again",
        {200: (JSON, ref("PublishResult"))},
        errors=(401, 403, 404, 409, 429, 507),
    ),
    Operation(
        "GET",
        "/v1/templates",
        templates.list_saved_templates,
        "List templates",
        {200: (JSON, ref("VideoTemplateList"))},
        errors=(401, 403, 429),
    ),
    Operation(
        "POST",
        "/v1/templates",
        templates.save_template,
        "Save a job configuration as a template",
        {201: (JSON, ref("VideoTemplate"))},
        errors=(400, 401, 403, 409, 413, 415, 422, 429, 507),
        body={JSON: ref("SaveVideoTemplate")},
        headers=IDEMPOTENCY_KEY,
        links={"template_id": "/id", "template": "/slug"},
    ),
    Operation(
        "DELETE",
        "/v1/templates/{template_id}",
        templates.delete_saved_template,
        "Delete a template",
        {200: (JSON, ref("VideoTemplateDeleted"))},
        errors=(401, 403, 404, 409, 429, 507),
    ),
    Operation(
        "GET",
        "/v1/account",
        templates.get_production_account,
        "Account, plan, credits and rate limit",
        {200: (JSON, ref("ProductionAccount"))},
        errors=(401, 403, 429),
    ),
)
