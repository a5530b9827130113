//! The system calls a worker may make, and no other: nothing in the list takes a name of a file but to ask
//! for its facts, makes a socket, starts a process or reaches into one.

use rustix::io::Errno;
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter_all_threads,
};
use std::collections::BTreeMap;
use std::io;

/// Calls that are allowed whatever their arguments are.
const ALLOWED: &[i64] = &[
    // Descriptors that are there. Facts of files can be asked for by name too: the filter cannot see names.
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_pwrite64,
    libc::SYS_pwritev,
    libc::SYS_lseek,
    libc::SYS_ftruncate,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_recvmsg,
    libc::SYS_ppoll,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
    // Memory: see also `narrowed`.
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    // Threads.
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_membarrier,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_restart_syscall,
    // Signals to itself.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    // Clocks, chance and the machine.
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_time,
    libc::SYS_getcpu,
    libc::SYS_getrandom,
    libc::SYS_sysinfo,
    libc::SYS_uname,
];

/// What a new thread must share, and what nobody may have anew.
const THREAD: u64 = (libc::CLONE_VM | libc::CLONE_THREAD) as u64;
const NAMESPACES: u64 = (libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET) as u32 as u64;

/// What is done with `fcntl`: descriptors are copied and looked at.
const CONTROLS: [i32; 4] = [libc::F_GETFD, libc::F_SETFD, libc::F_GETFL, libc::F_DUPFD_CLOEXEC];

/// Forbids all other calls, for every thread of this process, for good.
pub(super) fn forbid() -> io::Result<()> {
    // Arguments of `clone3` lie in memory, where no filter sees them. "There is no such call" makes the C
    // library use `clone`, whose flags can be seen.
    let unknown = filter(
        BTreeMap::from([(libc::SYS_clone3, Vec::new())]),
        (SeccompAction::Allow, errno(Errno::NOSYS)),
    )?;
    let mut allowed = narrowed().map_err(io::Error::other)?;
    allowed.extend(ALLOWED.iter().map(|call| (*call, Vec::new())));
    // The stricter answer of the two counts.
    allowed.insert(libc::SYS_clone3, Vec::new());
    let known = filter(allowed, (errno(Errno::PERM), SeccompAction::Allow))?;
    for program in [&unknown, &known] {
        apply_filter_all_threads(program).map_err(io::Error::other)?;
    }
    Ok(())
}

fn errno(errno: Errno) -> SeccompAction {
    SeccompAction::Errno(errno.raw_os_error().unsigned_abs())
}

fn filter(
    calls: BTreeMap<i64, Vec<SeccompRule>>,
    (otherwise, listed): (SeccompAction, SeccompAction),
) -> io::Result<BpfProgram> {
    let machine = TargetArch::try_from(std::env::consts::ARCH).map_err(io::Error::other)?;
    let filter = SeccompFilter::new(calls, otherwise, listed, machine).map_err(io::Error::other)?;
    filter.try_into().map_err(io::Error::other)
}

/// Calls that are allowed with some arguments only: one of the rules of a call must fit.
fn narrowed() -> Result<BTreeMap<i64, Vec<SeccompRule>>, BackendError> {
    let itself = u64::from(std::process::id());
    let not_executable = || number(2, SeccompCmpOp::MaskedEq(libc::PROT_EXEC as u64), 0);
    let sharing = (libc::MAP_SHARED | libc::MAP_PRIVATE) as u64;
    let private = || number(3, SeccompCmpOp::MaskedEq(sharing), libc::MAP_PRIVATE as u64);
    let control = |control: &i32| rule(vec![number(1, SeccompCmpOp::Eq, *control as u64)?]);
    Ok(BTreeMap::from([
        // No memory that is written and run; none that is shared, which the limit of memory would not count.
        (libc::SYS_mmap, vec![rule(vec![not_executable()?, private()?])?]),
        (libc::SYS_mprotect, vec![rule(vec![not_executable()?])?]),
        // Threads, no processes.
        (libc::SYS_clone, vec![rule(vec![word(0, SeccompCmpOp::MaskedEq(THREAD | NAMESPACES), THREAD)?])?]),
        (libc::SYS_fcntl, CONTROLS.iter().map(control).collect::<Result<_, _>>()?),
        // It may end itself.
        (libc::SYS_kill, vec![rule(vec![number(0, SeccompCmpOp::Eq, itself)?])?]),
        (libc::SYS_tgkill, vec![rule(vec![number(0, SeccompCmpOp::Eq, itself)?])?]),
        // Limits are looked at, not changed.
        (libc::SYS_prlimit64, vec![rule(vec![word(2, SeccompCmpOp::Eq, 0)?])?]),
        // Names of threads.
        (libc::SYS_prctl, vec![rule(vec![number(0, SeccompCmpOp::Eq, libc::PR_SET_NAME as u64)?])?]),
    ]))
}

/// All of these must hold.
fn rule(conditions: Vec<SeccompCondition>) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(conditions)
}

/// Compares an argument that is an `int` to the kernel, which does not look at its upper half either.
fn number(index: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(index, SeccompCmpArgLen::Dword, operator, value)
}

/// Compares an argument of 64 bits: flags, a pointer.
fn word(index: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(index, SeccompCmpArgLen::Qword, operator, value)
}
