//! Accounts that folders of users are named after: those of samples and of images of machines belong to nobody.
//!
//! Source: default users of cloud images, containers and build services; placeholders of manuals.

use super::written_out::listed;

const NOBODY: &str = " user users username yourusername yourname youruser your-username you me name myname myuser \
    someone somebody example sample foo bar foobar test root admin administrator ubuntu debian centos fedora \
    ec2-user azureuser opc pi runner runneradmin vagrant jenkins travis circleci gitpod vscode codespace jovyan \
    hadoop spark airflow node app appuser www www-data web git postgres mysql nobody default public shared guest \
    build builder buildbot docker deploy deployer ci vsts vssadmin ";

/// Says whether an account may be that of a person.
pub(super) fn valid(text: &str) -> bool {
    !listed(NOBODY, text)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn accounts_of_samples_and_machines_are_nobodys() {
        for good in ["jdoe", "jane.doe", "useron", "m.runner", "appleby"] {
            assert!(valid(good), "{good}");
        }
        for bad in ["user", "runner", "Public", "ec2-user", "YourUserName"] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
