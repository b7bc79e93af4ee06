"""The error tree. `code` is the wire name; the class docstring is the default message.

FlexuraError
├── Unauthorized, InvalidApiKey                     who are you?
├── Forbidden, AccessDenied                         you may not
├── InvalidRequest ── InvalidJson, InputValidation  what you sent is wrong
│   └── MethodNotAllowed, PayloadTooLarge, UnsupportedMediaType
├── InsufficientCredits, BudgetExceeded             it costs too much
├── NotFound ── ModelNotFound, ArtifactExpired      it is not here
├── Conflict ── IdempotencyInProgress               it clashes
├── IdempotencyMismatch, ContentPolicy              it is refused
├── RateLimited, Overloaded                         come back later
├── ProviderError ── OutcomeUnknown, ResultExpired  the upstream failed
├── ProviderUnavailable                             nobody can do it now
├── DiskFull, StoreDamaged, Canceled
└── InternalError
"""

from __future__ import annotations

from typing import Any, ClassVar


class FlexuraError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "internal_error"
    retryable: ClassVar[bool] = False

    def __init__(
        self, message: str = "", *, next_step: str = "", field: str = "", **details: Any
    ) -> None:
        self.message = message or (self.__doc__ or "").strip()
        self.next_step = next_step
        self.field = field
        self.details = details
        super().__init__(self.message)

    def body(self) -> dict[str, Any]:
        """The wire shape inside `{"error": …}`, without the request id."""
        optional = {"next_step": self.next_step, "field": self.field, **self.details}
        return {
            "code": self.code,
            "message": self.message,
            **{k: v for k, v in optional.items() if v not in ("", None)},
        }


class InternalError(FlexuraError):
    """The gateway hit an error of its own; the job, if any, is safe."""


class Unauthorized(FlexuraError):
    """The Authorization header is missing or is not `Bearer <key>`."""

    code = "unauthorized"


class InvalidApiKey(FlexuraError):
    """This API key is unknown, revoked, expired or mistyped."""

    code = "invalid_api_key"


class Forbidden(FlexuraError):
    """This API key may not do that."""

    code = "forbidden"


class AccessDenied(FlexuraError):
    """This workspace is not approved in the current environment."""

    code = "access_denied"


class InvalidRequest(FlexuraError):
    """The request cannot be understood."""

    code = "invalid_request"


class InvalidJson(InvalidRequest):
    """The body is not valid JSON."""

    code = "invalid_json"


class InputValidationError(InvalidRequest):
    """An input does not fit what is declared."""

    code = "input_validation_error"


class MethodNotAllowed(InvalidRequest):
    """This path does not take that method."""

    code = "method_not_allowed"


class PayloadTooLarge(InvalidRequest):
    """The body is larger than this route takes."""

    code = "payload_too_large"


class UnsupportedMediaType(InvalidRequest):
    """The body has a content type that this route does not take."""

    code = "unsupported_media_type"


class InsufficientCredits(FlexuraError):
    """The workspace has too few credits."""

    code = "insufficient_credits"


class BudgetExceeded(FlexuraError):
    """The job would cost more than is allowed."""

    code = "budget_exceeded"


class NotFound(FlexuraError):
    """There is nothing under that name or id."""

    code = "not_found"


class ModelNotFound(NotFound):
    """The live catalog has no such model."""

    code = "model_not_found"


class ArtifactExpired(NotFound):
    """The bytes of this artifact are gone; its metadata is kept."""

    code = "artifact_expired"


class Conflict(FlexuraError):
    """The current state does not allow that."""

    code = "conflict"


class IdempotencyInProgress(Conflict):
    """The first request with this idempotency key is still being answered."""

    code = "idempotency_in_progress"
    retryable = True


class IdempotencyMismatch(FlexuraError):
    """This idempotency key was used before with another body."""

    code = "idempotency_mismatch"


class ContentPolicy(FlexuraError):
    """The provider refused this content."""

    code = "content_policy"


class RateLimited(FlexuraError):
    """Too many requests."""

    code = "rate_limited"
    retryable = True


class Overloaded(FlexuraError):
    """The gateway is full."""

    code = "overloaded"
    retryable = True


class ProviderError(FlexuraError):
    """The model provider returned an error."""

    code = "provider_error"


class OutcomeUnknown(ProviderError):
    """The gateway stopped while the provider was being asked; it may have started and charged."""

    code = "outcome_unknown"


class ResultExpired(ProviderError):
    """The provider no longer has the result of this job."""

    code = "result_expired"


class ProviderUnavailable(FlexuraError):
    """No provider can do this now."""

    code = "provider_unavailable"
    retryable = True


class DiskFull(FlexuraError):
    """The disk is full or cannot be written; nothing was lost."""

    code = "disk_full"
    retryable = True


class StoreDamaged(FlexuraError):
    """The database is damaged, so nothing is written to it; what can be read is."""

    code = "store_damaged"


class Canceled(FlexuraError):
    """The job was canceled."""

    code = "canceled"


def tree(root: type[FlexuraError] = FlexuraError) -> list[type[FlexuraError]]:
    """Every class of the tree, parents first."""
    return [root, *(found for child in root.__subclasses__() for found in tree(child))]


def error_class(code: str) -> type[FlexuraError]:
    """The class behind a wire code; ProviderError for a code that is not ours."""
    return next((c for c in tree() if c.code == code and c is not FlexuraError), ProviderError)
