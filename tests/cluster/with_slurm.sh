#!/bin/sh
# Runs a command beside a Slurm of its own: munged, slurmctld and slurmd on this machine, in a
# temporary folder, on ports that nobody has; SLURM_CONF leads sbatch and the others there. Nothing
# is left. Exit status: the command's; 77 and a line where the daemons are not there or do not start.
# Usage: with_slurm.sh COMMAND [ARGUMENT...]
set -eu
PATH=$PATH:/usr/sbin:/sbin
export PATH
unset SLURM_CONF

skip() {
  echo "SKIPPED: $1"
  exit 77
}

for program in munged mungekey slurmctld slurmd sbatch scontrol squeue sinfo; do
  command -v $program >/dev/null || skip "no $program here (Debian: slurm-wlm, munge)"
done

# Short, because sockets' paths are; readable by munged's own standards.
folder=$(mktemp -d /tmp/slurm.XXXXXX)
chmod 755 "$folder"
munged='' slurmctld='' slurmd=''

no_jobs() {
  [ -z "$(squeue --noheader)" ]
}

stop() {
  if [ -n "$slurmd" ]; then
    scancel --state=PENDING --user="$(id -un)" 2>/dev/null || true
    scancel --signal=KILL --full --user="$(id -un)" 2>/dev/null || true
    in_time no_jobs || echo "with_slurm.sh: jobs are left" >&2
  fi
  for process in $slurmd $slurmctld $munged; do
    kill "$process" 2>/dev/null || true
  done
  # A daemon that does not go is killed, so that the folder can be removed.
  for process in $slurmd $slurmctld $munged; do
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      kill -0 "$process" 2>/dev/null || break
      sleep 0.3
    done
    kill -KILL "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
  done
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

# A port that nobody listens on; /proc/net/tcp names them in hexadecimal.
free_port() {
  port=$1
  while grep -qi ":$(printf '%04X' "$port") " /proc/net/tcp /proc/net/tcp6 2>/dev/null; do
    port=$((port + 1))
  done
  echo "$port"
}

# in_time COMMAND...: until it succeeds, for ten seconds.
in_time() {
  for _ in $(seq 50); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.2
  done
  return 1
}

idle() {
  [ "$(sinfo --noheader --format=%T)" = idle ]
}

# give_up DAEMON: it did not start; the end of its log says why.
give_up() {
  tail -n 5 "$folder/$1.log" 2>/dev/null || true
  skip "$1 does not start here"
}

host=$(hostname -s)
ctld_port=$(free_port $((20000 + $$ % 20000)))
d_port=$(free_port $((ctld_port + 1)))
mkdir "$folder/state" "$folder/spool" "$folder/munge"
# A requeued job waits cred_expire seconds (5 is the least); one that is to end has KillWait. Processors and memory are made up, as are the GPUs.
cat >"$folder/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket,cred_expire=5
SlurmctldPort=$ctld_port
SlurmdPort=$d_port
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
MailProg=/bin/true
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=1,sched_min_interval=0,batch_sched_delay=0,defer_batch=0
SlurmdParameters=config_overrides
ReturnToService=2
JobRequeue=1
KillWait=10
MinJobAge=600
GresTypes=gpu
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 RealMemory=8000 Gres=gpu:2 State=UNKNOWN
PartitionName=test Nodes=ALL Default=YES MaxTime=60 DefMemPerCPU=100 State=UP OverSubscribe=NO
CONF
# Any two devices do: no job here opens them.
cat >"$folder/gres.conf" <<CONF
AutoDetect=off
NodeName=$host Name=gpu File=/dev/null
NodeName=$host Name=gpu File=/dev/zero
CONF
SLURM_CONF=$folder/slurm.conf
export SLURM_CONF

mungekey --create --keyfile="$folder/munge/key" 2>"$folder/munged.log" || give_up munged
munged --foreground --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
  --pid-file="$folder/munge/pid" --seed-file="$folder/munge/seed" >"$folder/munged.log" 2>&1 &
munged=$!
in_time test -S "$folder/munge/socket" || give_up munged
slurmctld -D -i >"$folder/slurmctld.out" 2>&1 &
slurmctld=$!
in_time scontrol ping || give_up slurmctld
slurmd -D >"$folder/slurmd.out" 2>&1 &
slurmd=$!
in_time idle || { scontrol show node; give_up slurmd; }

status=0
"$@" || status=$?
if [ "$status" -ne 0 ] && [ "$status" -ne 77 ]; then
  tail -n 40 "$folder/slurmctld.log"
  tail -n 20 "$folder/slurmd.log"
fi
exit "$status"
