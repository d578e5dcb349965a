// The page's English words that more than one spec presses or looks for.

export const WORDS = {
  start: "Start",
  pause: "Pause",
  step: "Step",
  reset: "Start over",
  goOn: "Resume",
  beginAnew: "Start over",
  removeAll: "Remove all",
  fromScratch: "Use random weights",
  continueHere: "Use the starter",
  teacher: "Teacher",
  student: "Student",
  starter: "Starter",
  atStep: (step) => `at step ${step}`,
};
