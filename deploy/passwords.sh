#!/bin/bash
# Which passwords do the two database roles have? Runs once, when the cluster is made, after roles.sql.
set -euo pipefail
for role in owner web; do
    PASSWORD=$(cat "/run/secrets/database_${role}_password")
    export PASSWORD
    psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --set "role=baucu_$role" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv password PASSWORD
ALTER ROLE :"role" PASSWORD :'password';
SQL
done
psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --command "ALTER DATABASE \"$POSTGRES_DB\" OWNER TO baucu_owner"
