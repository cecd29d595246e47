// Measuring side by side: in every round each subject runs each workload once, one after the other,
// so that what else the machine does hits all of them. Round 0 warms up. Nothing is quoted but the
// middle of the rounds, with the least and the most.

export async function interleave<Workload, Subject>(
  rounds: number,
  workloads: readonly Workload[],
  subjects: readonly Subject[],
  run: (round: number, workload: Workload, subject: Subject) => Promise<void>,
): Promise<void> {
  for (let round = 0; round <= rounds; round++) {
    for (const workload of workloads) {
      for (const subject of subjects) await run(round, workload, subject)
    }
  }
}
