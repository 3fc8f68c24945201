# Verifies webhooks with the library `standardwebhooks` of PyPI: a JSON list of secret, text and headers comes in. Each message must be
# accepted, and refused with a byte more.

import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

verified = refused = 0
for message in json.load(sys.stdin):
    webhook = Webhook(message["secret"])
    if webhook.verify(message["text"], message["headers"]) == json.loads(message["text"]):
        verified += 1
    try:
        webhook.verify(message["text"] + " ", message["headers"])
    except WebhookVerificationError:
        refused += 1
print(f"{verified} verified, {refused} refused with a byte more")
