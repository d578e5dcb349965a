// A reporter that ends the output with "N passed, N failed" alone on a line, after a table of the files and their
// seconds. Invariant: a run in which no test passed or failed is a failed run.

import { basename } from "node:path";

/** Milliseconds of what a group does once before its first test, which are not in that test's duration. */
const preparing = (steps) =>
  steps.reduce((sum, { title, duration, steps }) => sum + (title.startsWith("beforeAll") ? duration : preparing(steps)), 0);

export default class {
  files = new Map();

  onBegin(_, suite) {
    this.suite = suite;
  }

  onTestEnd({ location }, { duration, steps }) {
    const name = basename(location.file);
    const file = this.files.get(name) ?? { tests: 0, seconds: 0 };
    const seconds = file.seconds + (duration + preparing(steps)) / 1000;
    this.files.set(name, { tests: file.tests + 1, seconds });
  }

  onEnd() {
    const outcomes = (this.suite?.allTests() ?? []).map((test) => test.outcome());
    const count = (kind) => outcomes.filter((outcome) => outcome === kind).length;
    const [passed, failed, left] = [count("expected"), count("unexpected") + count("flaky"), count("skipped")];
    console.log();
    for (const [name, { tests, seconds }] of [...this.files].sort(([, a], [, b]) => b.seconds - a.seconds)) {
      console.log(`    ${name.padEnd(24)} ${String(tests).padStart(4)} tests ${seconds.toFixed(1).padStart(8)} s`);
    }
    if (left) console.log(`    ${left} did not run`);
    console.log(`${passed} passed, ${failed} failed`);
    return passed + failed === 0 ? { status: "failed" } : undefined;
  }

  printsToStdio() {
    return true;
  }
}
