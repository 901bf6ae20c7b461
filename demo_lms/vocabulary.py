"""Names defined by LTI: claims, roles, scopes, media types.

Sources: LTI Core 1.3 (https://www.imsglobal.org/spec/lti/v1p3), Deep Linking 2.0, Assignment and
Grade Services 2.0, Names and Role Provisioning Services 2.0, Dynamic Registration 1.0, Course
Groups 1.0, Platform Notification Service 1.0, Data Privacy Launch 1.0.
"""

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
AGS_ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
GROUPS_SERVICE = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
NRPS_SERVICE = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
DL_SETTINGS = DL + "deep_linking_settings"

RESOURCE_LINK = "LtiResourceLinkRequest"
DEEP_LINKING = "LtiDeepLinkingRequest"
DEEP_LINKING_RESPONSE = "LtiDeepLinkingResponse"
SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"
DATA_PRIVACY = "DataPrivacyLaunchRequest"
COPY_NOTICE = "LtiContextCopyNotice"

PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
INSTRUCTOR = MEMBERSHIP + "Instructor"
LEARNER = MEMBERSHIP + "Learner"
INSTITUTION_ADMINISTRATOR = INSTITUTION + "Administrator"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
SYSTEM_ADMINISTRATOR = SYSTEM + "Administrator"

_AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
SCOPE_LINE_ITEM = _AGS + "lineitem"
SCOPE_LINE_ITEM_READ = _AGS + "lineitem.readonly"
SCOPE_RESULT = _AGS + "result.readonly"
SCOPE_SCORE = _AGS + "score"
SCOPE_ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
GRADE_SCOPES = (SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, SCOPE_RESULT, SCOPE_SCORE)
SCOPE_GROUPS = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
SCOPE_NOTICES = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
SCOPES = (*GRADE_SCOPES, SCOPE_ROSTER, SCOPE_GROUPS, SCOPE_NOTICES)

TYPE_LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
TYPE_LINE_ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
TYPE_SCORE = "application/vnd.ims.lis.v1.score+json"
TYPE_RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
TYPE_GROUPS = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
TYPE_ROSTER = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def short_role(uri: str) -> str:
    """``…membership#Learner`` → ``Learner``."""
    return uri.rpartition("#")[2]
