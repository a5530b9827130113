//! Login names of people: no accounts of systems, no words of a sentence, no names of a program's variables.
//!
//! Source: the accounts that Linux distributions, images of machines, databases and build servers create;
//! placeholders of manuals; POSIX.1, 3.437 for the characters.

use super::written_out::listed;
use crate::labels::is_no_value;
use crate::names::is_ordinary;

/// Accounts of systems, of images of machines, and of samples: they belong to nobody.
const NOBODY: &str = " admin administrator airflow alpine anonymous apache app appuser azureuser backup bar build buildbot \
    builder centos ci circleci codespace cron daemon dbo debian default deploy deployer docker ec2-user \
    elastic example fedora foo foobar git github gitlab gitlab-runner gitpod grafana guest hadoop jenkins \
    jovyan kafka localsystem me mongodb myname mysql myuser name networkmanager nginx nobody node opc oracle \
    pi postgres prometheus public rabbitmq redis root runner runneradmin sample shared somebody someone \
    spark sshd system test tomcat travis ubuntu user username users vagrant vscode vssadmin vsts web www \
    www-data you your-username yourname youruser yourusername ";
/// Parts of names of accounts and of variables that hold one.
const PARTS: [&str; 24] = [
    "svc",
    "bot",
    "service",
    "services",
    "system",
    "sys",
    "job",
    "batch",
    "robot",
    "daemon",
    "integration",
    "isu",
    "user",
    "users",
    "usr",
    "username",
    "login",
    "name",
    "id",
    "self",
    "this",
    "request",
    "ctx",
    "session",
];

/// What stands behind the last full stop of a file's name or a domain.
const ENDINGS: [&str; 41] = [
    "py", "rs", "js", "ts", "java", "xml", "json", "yml", "yaml", "html", "css", "txt", "csv", "log", "sh",
    "exe", "dll", "conf", "cfg", "ini", "toml", "lock", "rkt", "rb", "go", "c", "h", "cpp", "md", "pdf",
    "zip", "jar", "xlsx", "php", "gen", "pl", "com", "org", "net", "io", "local",
];

/// Says whether a token can be the login name of a person.
pub(super) fn valid(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let own = lower.rsplit('\\').next().unwrap_or(&lower);
    let letters = own.bytes().filter(u8::is_ascii_alphabetic).count();
    let of_system = own.starts_with("svc") || own.split(['_', '-', '.']).any(|part| PARTS.contains(&part));
    (2..=48).contains(&own.len())
        && own.starts_with(|c: char| c.is_ascii_alphabetic())
        && !own.ends_with(['.', '-', '_'])
        && own.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'@'))
        && letters >= 3
        && !own.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
        && !of_system
        && !listed(NOBODY, own)
        && !is_no_value(own)
        && !own.split(['_', '-', '.']).all(is_ordinary)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn people_log_in_and_systems_do_not_count() {
        for login in [
            "appleby",
            "useron",
            "m.runner",
            "janeDoe",
            "hquist",
            "tamsin.orrell",
            "btewfik2",
            "EXAMPLE\\hquist",
            "j-doe",
        ] {
            assert!(valid(login), "{login}");
        }
        for other in [
            "root",
            "admin",
            "svc_payroll",
            "payroll-svc",
            "www-data",
            "jenkins",
            "current_user",
            "request.user",
            "failed",
            "not",
            "userName",
            "1000",
            "build.service",
            "x",
            "example.rkt",
            "Public",
            "ec2-user",
            "YourUserName",
        ] {
            assert!(!valid(other), "{other}");
        }
    }
}
