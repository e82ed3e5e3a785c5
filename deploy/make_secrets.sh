#!/bin/bash
# Where do the secrets of a new installation come from? Made here, once; nothing that exists is replaced.
set -euo pipefail
umask 077
cd "$(dirname "$0")"
mkdir -p secrets && chmod 700 secrets && cd secrets

random() { head -c 36 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'; }
keep() { [ -e "$1" ] || printf '%s' "$2" > "$1"; }

keep secret_key "$(random)$(random)"
keep database_superuser "$(random)"
keep database_owner_password "$(random)"
keep database_web_password "$(random)"
keep database_url "postgresql://baucu_web:$(cat database_web_password)@database/baucu"
keep database_owner_url "postgresql://baucu_owner:$(cat database_owner_password)@database/baucu"
keep email_url ""                 # no e-mail leaves until smtp://… stands here
keep sms_token "$(random)"        # what the gateway of text messages is to know us by
# Read by the users of the containers; on this host the closed folder protects them.
chmod 444 ./*
ls -l
for file in tls_certificate tls_key; do
    [ -e "$file" ] || echo "Still missing: $PWD/$file (PEM, from the network's own certificate authority)"
done
