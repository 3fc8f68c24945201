"""Asks a Worker by the client that openapi-python-client makes of its OpenAPI document: client.py BASE_URL TOKEN.
The client is the package `scim_client` in the working directory. Prints a line a step, and ends with 1 where one fails."""

import sys

sys.path.insert(0, ".")
from scim_client import AuthenticatedClient, Client
from scim_client.api.bulk import bulk
from scim_client.api.discovery import get_service_provider_config, list_resource_types, list_schemas
from scim_client.api.groups import change_group, create_group, delete_group, get_group, list_groups, replace_group
from scim_client.api.users import change_user, create_user, delete_user, get_user, list_users, replace_user, search_users
from scim_client.models import (
    BulkOperation, BulkOperationMethod, BulkRequest, BulkRequestSchemasItem, EnterpriseUser, Error, GroupMember,
    GroupRequest, PatchOperation, PatchOperationOp, PatchRequest, PatchRequestSchemasItem, SearchRequest,
    SearchRequestSchemasItem, UserEmail, UserName, UserRequest,
)

base, token = sys.argv[1:]
client = AuthenticatedClient(base_url=base, token=token)
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ADD, REPLACE, REMOVE = PatchOperationOp.ADD, PatchOperationOp.REPLACE, PatchOperationOp.REMOVE


def patch(*operations):
    schemas = [PatchRequestSchemasItem.URNIETFPARAMSSCIMAPIMESSAGES2_0PATCHOP]
    return PatchRequest(schemas=schemas, operations=[PatchOperation(**operation) for operation in operations])


def is_gone(answer):
    return answer.status_code == 404 and isinstance(answer.parsed, Error) and answer.parsed.status == "404"


def users(state):
    sent = UserRequest(
        user_name="ada@example.com", schemas=[USER], active=True, name=UserName(given_name="Ada", family_name="L"),
        emails=[UserEmail(value="ada@example.com", type_="work", primary=True)],
        urnietfparamsscimschemasextensionenterprise_2_0_user=EnterpriseUser(department="R"),
    )
    made = create_user.sync(client=client, body=sent)
    yield "create a user", made.user_name == sent.user_name and made.emails == sent.emails and made.name == sent.name
    state["user"] = made.id
    read = get_user.sync(made.id, client=client)
    yield "read a user", read == made and read.meta.created == made.meta.created
    changed = change_user.sync(made.id, client=client, body=patch(
        {"op": REPLACE, "path": "active", "value": False},
        {"op": ADD, "path": "emails", "value": [{"type": "home", "value": "home@example.com"}]},
        {"op": REPLACE, "value": {"title": "T", "name.givenName": "Augusta"}},
        {"op": REMOVE, "path": "name.familyName"},
    ))
    values = (changed.active, changed.title, [email.type_ for email in changed.emails], changed.name.to_dict())
    yield "PATCH a user", values == (False, "T", ["work", "home"], {"givenName": "Augusta"})
    replaced = replace_user.sync(made.id, client=client, body=UserRequest(user_name="ada", display_name="Ada"))
    yield "PUT a user", (replaced.user_name, replaced.display_name, bool(replaced.title)) == ("ada", "Ada", False)
    taken = create_user.sync_detailed(client=client, body=UserRequest(user_name="ADA"))
    yield "read a refusal", taken.status_code == 409 and taken.parsed.scim_type.value == "uniqueness"


def lists(state):
    found = list_users.sync(client=client, filter_='userName eq "ada"', count=5)
    yield "list users", (found.total_results, found.resources[0].id) == (1, state["user"])
    schemas = [SearchRequestSchemasItem.URNIETFPARAMSSCIMAPIMESSAGES2_0SEARCHREQUEST]
    found = search_users.sync(client=client, body=SearchRequest(schemas=schemas, filter_='userName eq "ada"', attributes=["userName"]))
    yield "search users", found.resources[0].user_name == "ada"


def groups(state):
    made = create_group.sync(client=client, body=GroupRequest(display_name="G"))
    yield "create a group", (made.display_name, made.members) == ("G", [])
    member = {"op": ADD, "path": "members", "value": [{"value": state["user"]}]}
    changed = change_group.sync_detailed(made.id, client=client, body=patch(member))
    read = get_group.sync(made.id, client=client)
    yield "PATCH a group", changed.status_code == 204 and [one.value for one in read.members] == [state["user"]]
    members = [GroupMember(value=state["user"])]
    replaced = replace_group.sync(made.id, client=client, body=GroupRequest(display_name="H", members=members))
    yield "PUT a group", (replaced.display_name, replaced.members[0].display) == ("H", "Ada")
    found = list_groups.sync(client=client, filter_=f'members eq "{state["user"]}"')
    yield "list groups", [group.id for group in found.resources] == [made.id]
    deleted = delete_group.sync_detailed(made.id, client=client)
    yield "delete a group", deleted.status_code == 204 and is_gone(get_group.sync_detailed(made.id, client=client))


def others(state):
    data = {"userName": "bulk"}
    operations = [BulkOperation(method=BulkOperationMethod.POST, path="/Users", bulk_id="b", data=data)]
    schemas = [BulkRequestSchemasItem.URNIETFPARAMSSCIMAPIMESSAGES2_0BULKREQUEST]
    answer = bulk.sync(client=client, body=BulkRequest(schemas=schemas, operations=operations))
    yield "send a bulk", [(one.bulk_id, one.status) for one in answer.operations] == [("b", "201")]
    stranger = Client(base_url=base)
    config = get_service_provider_config.sync(client=stranger)
    yield "read what the service can do, without a token", config.patch.supported and config.bulk.max_operations > 0
    types = [one.name for one in list_resource_types.sync(client=stranger).resources]
    ids = [one.id for one in list_schemas.sync(client=stranger).resources]
    yield "read resource types and schemas, without a token", types == ["User", "Group"] and USER in ids
    deleted = delete_user.sync_detailed(state["user"], client=client)
    yield "delete a user", deleted.status_code == 204 and is_gone(get_user.sync_detailed(state["user"], client=client))


state, failed = {}, 0
for part in (users, lists, groups, others):
    for step, is_right in part(state):
        print("ok  " if is_right else "FAIL", step)
        failed += not is_right
sys.exit(failed > 0)
