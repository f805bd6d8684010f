#!/usr/bin/env python3
"""Holds what docs/security.md says of the verbs that only read, by the calls that they make: strace.py BINARY

On hostile repositories, each of them starts no process, opens no socket, writes nothing but what it is asked for, and reads nothing
outside of the repository but what READS lists. A call that is on no list here is a failure too. That the judge sees what it is there
to see is shown by runs that do each of these things: the tool where it is asked to, and git and cargo on the same repository.
"""
import itertools, os, pathlib, re, shutil, subprocess, sys, tempfile

import hostile

BINARY = pathlib.Path(sys.argv[1]).resolve()

# Calls that reach nothing outside of the process: what they are given was opened by a call that is judged.
HARMLESS = """arch_prctl brk clock_getres clock_gettime clock_nanosleep close dup exit exit_group fadvise64 fstat fstatfs futex getcwd
getdents64 getegid geteuid getgid getpid getppid getrandom getrlimit gettid gettimeofday getuid lseek madvise membarrier mincore
mprotect mremap munmap nanosleep poll pread64 prlimit64 read readv restart_syscall rseq rt_sigaction rt_sigprocmask rt_sigreturn
sched_getaffinity sched_yield set_robust_list set_tid_address sigaltstack sysinfo uname""".split()
# What is asked of a path, without its content; what opens one; what changes a file that is open.
LOOKS = "access faccessat faccessat2 getxattr lgetxattr lstat newfstatat readlink readlinkat stat statfs statx".split()
OPENS = "open openat openat2".split()
WRITES = "write writev pwrite64 pwritev pwritev2 ftruncate fallocate fsync fdatasync fchmod fchown".split()
# Those that do one thing or another: what of it is harmless.
SOME = {
    "clone": r"\bCLONE_THREAD\b", "clone3": r"\bCLONE_THREAD\b",
    "fcntl": r"\bF_(GETFD|SETFD|GETFL|DUPFD_CLOEXEC|SETLK|GETLK)\b",
    "ioctl": r"\b(TCGETS2?|TIOCGWINSZ)\b",
    "prctl": r"\bPR_(SET_NAME|SET_VMA|GET_THP_DISABLE)\b",
}
PROCESSES = "clone clone3 execve execveat fork vfork kill tkill ptrace process_vm_writev pidfd_open pidfd_send_signal".split()
SOCKETS = "socket socketpair connect bind listen accept accept4 sendto sendmsg recvfrom recvmsg io_uring_setup".split()
CHANGES = """mkdir mkdirat rename renameat renameat2 unlink unlinkat rmdir link linkat symlink symlinkat mknod mknodat chmod fchmodat
fchmodat2 chown lchown fchownat utime utimes utimensat futimesat truncate creat setxattr lsetxattr fsetxattr removexattr sendfile
copy_file_range splice mount chroot""".split()

# What is read outside of the repository in any of these runs, and why.
READS = {
    r"/etc/ld\.so\.(cache|preload)|(/usr)?/lib(64)?/([^/]+/)*[^/]+\.so(\.\d+)*": "the C library, by the dynamic loader",
    r"/proc/(self|\d+)/(maps|cgroup|mountinfo|exe)": "the runtime: the bounds of the main thread's stack, the limit on processors",
    r"/sys/fs/cgroup(/.*)?|/sys/devices/system/(cpu|node)(/.*)?": "the runtime: how many processors there are",
    r"/proc/sys/vm/overcommit_memory|/sys/kernel/mm/transparent_hugepage/enabled": "the allocator: how memory is given",
    r"/etc/gitconfig|HOME/\.gitconfig|HOME/\.config/git/(config|ignore)": "the user's and the system's configuration of git",
    r"HOME/more\.gitconfig|HOME/ignore": "what the user's configuration of git names",
}

# Beside those, where `diff` is run or a rule about releases is on: what cargo itself is configured to, and what it knows.
RELEASES = [r"HOME/cargo/(config|config\.toml|registry/index(/.*)?)"]


class Judge:
    """What may be done: `roots` are read, `outputs` written, `reads` read beside READS, and at `looks` it is looked without reading."""

    def __init__(self, tmp, roots, outputs=(), reads=(), looks=()):
        self.roots = [str(root) for root in roots]
        self.outputs = [re.compile(re.escape(str(output)) + r"(-journal|-wal|-shm)?") for output in outputs]
        # A file that is new is flushed with its directory; SQLite asks for random numbers.
        self.flushed = {str(output.parent) for output in outputs}
        reads = [*READS, *reads, *map(re.escape, self.flushed), *(["/dev/urandom"] if outputs else [])]
        self.reads = [re.compile(read.replace("HOME", re.escape(f"{tmp}/home"))) for read in reads]
        # Above a repository: whether there is another one around it, or a workspace, and the way to it without links.
        above = {str(above) for root in [*roots, *looks] for above in pathlib.Path(root).parents} | {str(look) for look in looks}
        self.above = above | {os.path.join(one, name) for one in above for name in (".git", "objects", "refs", "Cargo.toml")}

    def is_output(self, path):
        return any(output.fullmatch(path) for output in self.outputs)

    def may_read(self, path):
        inside = any(path == root or path.startswith(root + "/") for root in self.roots)
        return inside or self.is_output(path) or any(read.fullmatch(path) for read in self.reads)

    def fault(self, call, arguments, result):
        """What is wrong with a call, if anything."""
        if call in HARMLESS or (call in SOME and re.search(SOME[call], arguments)):
            return None
        if call in PROCESSES:
            return "starts a process"
        if call in SOCKETS:
            return "opens a socket"
        if call in WRITES:
            is_report = re.match(r"[12]\b", arguments)
            is_flush = call == "fsync" and given(arguments) in self.flushed
            return None if is_report or is_flush or self.is_output(given(arguments)) else "writes"
        if call == "mmap":
            shared = "PROT_WRITE" in arguments and "MAP_SHARED" in arguments and "MAP_ANONYMOUS" not in arguments
            return "writes" if shared and not self.is_output(given(arguments)) else None
        if call in CHANGES:
            return None if self.is_output(named(arguments)) else "writes"
        if call in OPENS:
            # Where it led, links and all; a failed one is judged by its name: what would have been read.
            opened = re.fullmatch(r"\d+<(.*)>", result)
            path = opened[1] if opened else named(arguments)
            if re.search(r"\bO_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)\b", arguments):
                return None if self.is_output(path) else "writes"
            return None if self.may_read(path) else "reads outside"
        if call in LOOKS:
            path = named(arguments)
            # Of what is open already; the standard library asks so whether the kernel knows the call at all.
            is_open = re.match(r"\d+<[^>]*>, (\"\"|NULL), ", arguments)
            return None if is_open or path in self.above or self.may_read(path) else "looks outside"
        return "calls what is on no list"


def given(arguments):
    """The file of the first descriptor."""
    found = re.search(r"\b\d+<(.*?)>", arguments)
    return found[1] if found else ""


def named(arguments):
    """The path that a call names, as seen from the directory that it names."""
    found = re.match(r'(?:(?:AT_FDCWD|\d+)<(.*?)>, )?(?:"((?:[^"\\]|\\.)*)"|NULL)', arguments)
    if not found:
        return f"what is not understood: {arguments}"
    return os.path.normpath(os.path.join(found[1] or "/no directory", found[2] or "."))


LINE = re.compile(r"(?P<call>\w+)\((?P<arguments>.*?)(\) += (?P<result>.*)| <(unfinished|detached) \.\.\.>)|\?\?\?\(.*|\+\+\+ .*|--- .*")


def trace(tmp, judge, command, directory=None, environment=None):
    """Runs a command under strace: how it ended, what the judge says of its calls, each quoted, and how many there were."""
    logs = pathlib.Path(tempfile.mkdtemp(dir=tmp))
    # A log for each thread, so that no call is cut in two by another thread's; all calls, not only those that are known here.
    strace = ["strace", "-ff", "-qq", "-y", "-s", "4096", "-o", logs / "log"]
    keep = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    home = {"HOME": f"{tmp}/home", "CARGO_HOME": f"{tmp}/home/cargo", "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run([*strace, *command], capture_output=True, text=True, timeout=60, cwd=directory, env={**keep, **home, **(environment or {})})
    except subprocess.TimeoutExpired as hang:
        last = [log.read_text(errors="replace").splitlines()[-1] for log in logs.iterdir()]
        sys.exit(f"error: {command} hangs: {last}, {hang}")
    faults, count, is_started = [], 0, False
    for log in sorted(logs.iterdir()):
        for line in log.read_text(errors="backslashreplace").splitlines():
            parts = LINE.fullmatch(line)
            assert parts, f"strace says what is not understood: {line}"
            if not parts["call"]:
                continue
            count += 1
            # strace's own call, which starts what is judged.
            if not is_started and parts["call"] == "execve" and str(command[0]) in line:
                is_started = True
                continue
            fault = judge.fault(parts["call"], parts["arguments"], parts["result"] or "")
            faults += [f"{fault}: {line[:400]}"] if fault else []
    assert count > 50 and is_started, f"strace saw {count} calls of {command}: {done}"
    shutil.rmtree(logs)
    return done, faults, count


class Run:
    """All runs of the tool: each is held to what it may do."""

    def __init__(self, tmp):
        self.tmp, self.runs, self.calls, self.faults = tmp, 0, 0, []

    def __call__(self, arguments, directory, roots=None, outputs=(), reads=(), looks=(), codes=(0, 1), says=""):
        judge = Judge(self.tmp, roots or [directory], outputs, reads, looks)
        done, faults, count = trace(self.tmp, judge, [BINARY, *map(str, arguments)], directory)
        self.runs, self.calls = self.runs + 1, self.calls + count
        what = f"{' '.join(map(str, arguments))} in {directory}"
        # Links that lead out were not compared: that fails a `diff`.
        codes = codes if arguments[0] != "diff" else (0, 2)
        assert done.returncode in codes and says in done.stdout and "panicked" not in done.stderr, f"{what}: {done}"
        assert hostile.SECRET not in done.stdout + done.stderr, f"{what}: it says what is outside: {done}"
        canaries = hostile.ran(self.tmp)
        self.faults += [f"{what}: {fault}" for fault in faults] + [f"{what}: {name} ran" for name in canaries]
        return done


def readers(run, root, reads=()):
    """Every verb that only reads, of everything that a repository has."""
    which = [[], ["--rev", "HEAD"], ["--rev", "HEAD^"], ["--staged"]]
    for verb, of in itertools.product(["check", "list"], which):
        run([verb, *of], root, reads=reads if verb == "check" else [])
    for base in [["HEAD^"], ["HEAD^", "--policy-from", "base"], ["HEAD^", "--staged"], ["HEAD^", "--rev", "HEAD"]]:
        run(["check", "--base", *base], root, reads=reads)
    for form in "full json sarif github gitlab junit markdown".split():
        run(["check", "--format", form, "-v", "--no-default-excludes"], root, reads=reads)
    for of in (["HEAD^"], ["HEAD^", "HEAD"], ["HEAD^", "--staged"]):
        run(["diff", *of], root, reads=RELEASES, says="1.0.1 → 1.0.2")
    report = run.tmp / "report"
    run(["check", "--output", f"json={report}"], root, outputs=[report], reads=reads)
    assert report.exists()
    run(["explain", "unpinned-crate"], root)


def fleet(run, targets, roots, looks=()):
    """The same of several repositories at once."""
    history, report, floor = run.tmp / "history", run.tmp / "page.html", run.tmp / "floor.toml"
    floor.write_text('[rules]\nunpinned-crate = "deny"\n')
    for more in ([], ["--format", "json", "--rev", "HEAD^"], ["--policy", floor], ["--refs", "*"]):
        run(["audit", *targets, *more], run.tmp, [*roots, floor], looks=looks, codes=(0, 1, 2))
    for _ in range(2):
        more = ["--history", history, "--output", f"html={report}"]
        run(["audit", *targets, *more], run.tmp, roots, outputs=[history, report], looks=looks, codes=(0, 1, 2))
    for what in ("serde@1.0.1", "npm:a@1.0.0", "action:actions/checkout@v4"):
        run(["exposed", what, *targets, "-v"], run.tmp, roots, looks=looks, codes=(0, 1, 2))
    run(["exposed", "serde@1.0.2", "--rev", "HEAD", *targets], run.tmp, roots, looks=looks, codes=(0, 1, 2))


def led(run, tmp):
    """Repositories whose own files say that parts of them are elsewhere: what is read there is listed here, and is git's own."""
    main = hostile.repository(tmp, "main")
    hostile.git(tmp, main, "worktree", "add", "--quiet", tmp / "linked")
    hostile.git(tmp, tmp, "clone", "--quiet", "--bare", main, tmp / "store.git")
    hostile.git(tmp, tmp, "clone", "--quiet", "--shared", main, tmp / "borrower")
    hostile.arm(tmp, main / ".git")
    hostile.arm(tmp, tmp / "borrower/.git")
    for root, elsewhere in ((tmp / "linked", main / ".git"), (tmp / "borrower", main / ".git/objects")):
        for arguments in (["check"], ["check", "--rev", "HEAD"], ["check", "--staged"], ["list"], ["diff", "HEAD^"], ["check", "--base", "HEAD^"]):
            run(arguments, root, [root, elsewhere], reads=RELEASES if "diff" in arguments else [])
        fleet(run, [root], [root, elsewhere])
    bare = tmp / "store.git"
    hostile.arm(tmp, bare, hostile.INCLUDES.format(outside=tmp / "outside"))
    for arguments in (["check", "--rev", "HEAD"], ["list", "--rev", "HEAD"], ["diff", "HEAD^", "HEAD"]):
        run(arguments, bare, reads=RELEASES)
    fleet(run, [bare], [bare])


def astray(run, tmp):
    """A working tree that a repository claims to be elsewhere: it is not read there."""
    for number, worktree in enumerate(("../../outside", "../..", "/", "/etc", "../../outside/secret")):
        root = hostile.repository(tmp, f"astray-{number}")
        hostile.arm(tmp, root / ".git", f"[core]\n\tworktree = {worktree}\n")
        # Whose it is, is asked.
        looks = [(root / ".git" / worktree).resolve()]
        for arguments in (["check"], ["list"], ["check", "--rev", "HEAD"], ["check", "--staged"], ["diff", "HEAD^"]):
            run(arguments, root, reads=RELEASES, looks=looks, codes=(0, 1, 2))
        fleet(run, [root], [root], looks)


def judge_sees(tmp, root):
    """Runs that do what is forbidden, each of which the judge must see; else its silence says nothing."""
    evil = hostile.evil(tmp)

    def shown(what, command, faults, canaries=(), environment=None, directory=root):
        done, found, _ = trace(tmp, Judge(tmp, [directory]), command, directory, environment)
        said = "\n".join(found)
        ran = hostile.ran(tmp)
        for fault in faults:
            assert re.search(fault, said), f"the judge does not see that {what} {fault}: {found[:20]} {done}"
        for canary in canaries:
            assert any(canary in name for name in ran), f"{what} runs no {canary}, but {ran}: {done}"
        print(f"the judge sees {what}: {len(found)} faults{', and it ran ' + ', '.join(ran) if ran else ''}")

    shown("git status", ["git", "status"], [f"starts a process: execve.*{re.escape(str(evil))}"], ["fsmonitor", "process"])
    shown("git diff", ["git", "-c", "filter.evil.process=", "-c", "filter.evil.smudge=", "-c", "filter.evil.required=false", "diff", "HEAD^", "HEAD"], [f"starts a process: execve.*{re.escape(str(evil))}"], ["external"])
    cargo = subprocess.run(["rustc", "--print", "sysroot"], capture_output=True, text=True, check=True).stdout.strip() + "/bin/cargo"
    hostile.write(tmp / "built/Cargo.toml", hostile.PACKAGE % ("built", ""))
    hostile.write(tmp / "built/src/lib.rs", "")
    hostile.write(tmp / "built/.cargo/config.toml", f'[build]\nrustc-wrapper = "{evil}"\n')
    command = [cargo, "check", "--offline", "--manifest-path", tmp / "built/Cargo.toml"]
    shown("cargo check", command, [f"starts a process: execve.*{re.escape(str(evil))}"], ["rustc"], directory=tmp / "built")
    shown("a report that is written", [BINARY, "check", "--output", f"json={tmp}/report"], ["writes: openat.*O_CREAT", "writes: write"])
    shown("a baseline that is written", [BINARY, "baseline", "--root", root], ["writes: .*pinned-baseline"])
    (root / "pinned-baseline.toml").unlink()
    shown("another repository that is read", [BINARY, "check", "--root", tmp / "other"], ["reads outside: openat.*other/Cargo.toml"])
    shown("cargo's directory", [BINARY, "diff", "HEAD^"], ["reads outside: openat.*home/cargo/config"])
    shown("a question to a registry", [BINARY, "diff", "HEAD^", "--online"], ["opens a socket: socket"], environment={"https_proxy": "http://127.0.0.1:9/"})
    shown("a fix that asks cargo", [BINARY, "fix", "--root", root], ["starts a process: (execve|clone|vfork)"])


def main():
    with tempfile.TemporaryDirectory() as tmp:
        tmp = pathlib.Path(tmp).resolve()
        hostile.user(tmp)
        run = Run(tmp)
        root = hostile.repository(tmp, "repo")
        hostile.arm(tmp, root / ".git")
        readers(run, root)
        asking = hostile.repository(tmp, "asking", {"pinned.toml": hostile.ASKING})
        hostile.arm(tmp, asking / ".git")
        readers(run, asking, reads=RELEASES)
        included = hostile.repository(tmp, "including")
        hostile.arm(tmp, included / ".git", hostile.INCLUDES.format(outside=tmp / "outside"))
        readers(run, included)
        fleet(run, [root, included], [root, included])
        led(run, tmp)
        astray(run, tmp)
        if run.faults:
            shown = list(dict.fromkeys(run.faults))
            print("\n".join(shown[:100]), f"\nerror: {len(shown)} calls in {run.runs} runs that security.md does not allow")
            sys.exit(1)
        print(f"{run.runs} runs on hostile repositories, {run.calls} calls: no process, no socket, nothing written, nothing read outside but:")
        for why in READS.values():
            print(f"  {why}")
        hostile.repository(tmp, "other")
        judge_sees(tmp, root)


main()
