//! Scripts that set up the whole provisioning job in Microsoft Entra ID in one paste, by Microsoft Graph.
//!
//! Both do the same: instantiate the template of a non-gallery application, wait for its service principal, create the
//! job from the template that is offered, store the credentials, validate them, and start.

use crate::quote;

/// The template of an application that is not in Microsoft's gallery (global cloud).
const TEMPLATE: &str = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";
/// "Prevent accidental deletions": the job stops before it disables or deletes more than that many users. The members are those
/// that Graph lists for a job for which this was set in the portal (Microsoft's support article on the Graph queries of a job).
const NOTIFICATIONS: &str =
    r#"{"Enabled":false,"Recipients":"","DeleteThresholdEnabled":true,"DeleteThresholdValue":500}"#;

/// The values of a job.
pub struct Job<'a> {
    /// The name of the application in Entra.
    pub application: &'a str,
    /// The Tenant URL.
    pub tenant_url: &'a str,
    /// The Secret Token. The script asks for it if there is none.
    pub token: Option<&'a str>,
}

/// Returns the script for PowerShell with the module Microsoft.Graph.Authentication.
pub fn powershell(job: &Job<'_>) -> String {
    let token = job.token.map_or_else(|| "Read-Host 'Secret Token'".to_string(), quote::powershell);
    let (name, url) = (quote::powershell(job.application), quote::powershell(job.tenant_url));
    let notifications = quote::powershell(NOTIFICATIONS);
    format!(
        r#"# Once: Install-Module Microsoft.Graph.Authentication -Scope CurrentUser
& {{
  $ErrorActionPreference = 'Stop'
  $Name      = {name}
  $TenantUrl = {url}
  $Token     = {token}

  Connect-MgGraph -Scopes 'Application.ReadWrite.All', 'Synchronization.ReadWrite.All' -NoWelcome
  function Graph($Method, $Path, $Body) {{
    $Request = @{{ Method = $Method; Uri = "https://graph.microsoft.com/v1.0/$Path" }}
    if ($Body) {{
      $Request.Body = ConvertTo-Json $Body -Depth 5
      $Request.ContentType = 'application/json'
    }}
    Invoke-MgGraphRequest @Request
  }}

  # The application. Its service principal takes a moment to be ready.
  $From = 'applicationTemplates/{TEMPLATE}'   # not in the gallery
  $App  = Graph POST "$From/instantiate" @{{ displayName = $Name }}
  $Sync = "servicePrincipals/$($App.servicePrincipal.id)/synchronization"
  for ($Try = 1; ; $Try++) {{
    try {{ $Offered = (Graph GET "$Sync/templates").value.id; break }}
    catch {{ if ($Try -ge 24) {{ throw }}; Start-Sleep -Seconds 5 }}
  }}

  # The job, its credentials, Test Connection, and the start.
  $Template = if ($Offered -contains 'scim') {{ 'scim' }} else {{ 'customappsso' }}
  $Job = Graph POST "$Sync/jobs" @{{ templateId = $Template }}
  $Credentials = @{{ key = 'BaseAddress'; value = $TenantUrl }}, @{{ key = 'SecretToken'; value = $Token }}
  # Prevent accidental deletions: the job stops before it disables or deletes more than 500 users.
  $Settings    = {notifications}
  $Deletions   = @{{ key = 'SyncNotificationSettings'; value = $Settings }}
  Graph PUT "$Sync/secrets" @{{ value = $Credentials + $Deletions }}
  Graph POST "$Sync/jobs/$($Job.id)/validateCredentials" @{{ credentials = $Credentials }}
  Graph POST "$Sync/jobs/$($Job.id)/start"
  "Provisioning has started. Assign people and groups to '$Name' in the Entra admin center."
}}
"#
    )
}

/// Returns the script for `az rest`, to be pasted into a shell: bash, dash, zsh. A zsh that is pasted into knows no comments,
/// and its variable `path` is the search path, so that neither is in it.
pub fn azure_cli(job: &Job<'_>) -> String {
    let token = match job.token {
        Some(token) => format!("token={}", quote::shell(&quote::json(token))),
        None => r#"printf 'Secret Token: '; read -r token; token="\"$token\"""#.to_string(),
    };
    let name = quote::shell(&format!("{{\"displayName\":{}}}", quote::json(job.application)));
    let address =
        quote::shell(&format!("{{\"key\":\"BaseAddress\",\"value\":{}}}", quote::json(job.tenant_url)));
    let notifications =
        format!("{{\"key\":\"SyncNotificationSettings\",\"value\":{}}}", quote::json(NOTIFICATIONS));
    let notifications = quote::shell(&notifications);
    format!(
        r#"( set -eu
name={name}
address={address}
deletions={notifications}
{token}
graph() {{
  verb=$1 url=https://graph.microsoft.com/v1.0/$2; shift 2
  az rest --method "$verb" --url "$url" --headers Content-Type=application/json "$@"
}}

echo 'The application, whose service principal takes a moment to be ready'
from=applicationTemplates/{TEMPLATE}
id=$(graph POST $from/instantiate --body "$name" --query servicePrincipal.id --output tsv)
sync=servicePrincipals/$id/synchronization
tries=0
until offered=$(graph GET "$sync/templates" --query 'value[].id' --output tsv 2>/dev/null); do
  tries=$((tries + 1))
  [ $tries -lt 24 ] || {{ echo 'The service principal is not ready' >&2; exit 1; }}
  sleep 5
done

echo 'The job, its credentials, Test Connection, and the start'
template=customappsso
if printf '%s\n' "$offered" | grep -qx scim; then template=scim; fi
job=$(graph POST "$sync/jobs" --body "{{\"templateId\":\"$template\"}}" --query id --output tsv)
credentials="$address,{{\"key\":\"SecretToken\",\"value\":$token}}"
graph PUT "$sync/secrets" --body "{{\"value\":[$credentials,$deletions]}}"
graph POST "$sync/jobs/$job/validateCredentials" --body "{{\"credentials\":[$credentials]}}"
graph POST "$sync/jobs/$job/start"
echo 'Provisioning has started. Assign people and groups to the application in the Entra admin center.' )
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    const JOB: Job<'_> = Job {
        application: "Ada's \"app\" $(touch /tmp/never) `id`",
        tenant_url: "https://scim.example/acme/scim/v2",
        token: Some("scim_acme_'; id; echo '"),
    };

    /// Runs the script for `az rest` with an `az` that prints its arguments, and returns what it printed.
    fn run(job: &Job<'_>, input: &str, offered: &str) -> String {
        let az = format!(
            "az() {{ printf '%s\\n' \"$*\" >&2; case \"$*\" in *tsv*templates*|*templates*tsv*) echo {offered};; *tsv*) echo 42;; esac; }}\n"
        );
        let script = format!("{az}printf '{input}\\n' | {{\n{}\n}}", azure_cli(job));
        let run = Command::new("sh").arg("-c").arg(script).output().expect("there is a shell");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8_lossy(&run.stderr).into_owned()
    }

    #[test]
    fn az_is_called_with_the_values_and_nothing_else_runs() {
        let printed = run(&JOB, "", "scim");
        assert!(printed.contains(r#""displayName":"Ada's \"app\" $(touch /tmp/never) `id`""#), "{printed}");
        assert!(printed.contains(r#"{"key":"SecretToken","value":"scim_acme_'; id; echo '"}"#), "{printed}");
        assert!(printed.contains(r#"{"templateId":"scim"}"#), "{printed}");
        assert!(printed.contains("servicePrincipals/42/synchronization/jobs/42/start"), "{printed}");
        assert!(!printed.contains("uid="), "{printed}");
        let script = azure_cli(&JOB);
        assert!(!script.contains("# ") && !script.contains("path="), "what zsh takes differently: {script}");
    }

    #[test]
    fn the_template_that_is_offered_is_taken_and_the_token_asked_for() {
        let printed = run(&Job { token: None, ..JOB }, "typed", "customappsso");
        assert!(printed.contains(r#"{"templateId":"customappsso"}"#), "{printed}");
        assert!(printed.contains(r#"{"key":"SecretToken","value":"typed"}"#), "{printed}");
    }

    #[test]
    fn powershell_has_each_value_as_a_string() {
        let script = powershell(&JOB);
        assert!(script.contains("$Name      = 'Ada''s \"app\" $(touch /tmp/never) `id`'\n"), "{script}");
        assert!(script.contains("$Token     = 'scim_acme_''; id; echo '''\n"), "{script}");
        assert!(powershell(&Job { token: None, ..JOB }).contains("= Read-Host 'Secret Token'\n"));
        assert_eq!(script.matches('{').count(), script.matches('}').count());
    }
}
