// The page's English words that more than one spec presses or looks for.

export const WORDS = {
  start: "Start",
  pause: "Pause",
  step: "Step",
  reset: "Reset",
  goOn: "Go on",
  beginAnew: "Begin anew",
  removeAll: "Remove all",
  fromScratch: "From scratch",
  continueHere: "Continue on these images",
  teacher: "Teacher",
  student: "Student",
  starter: "Starter",
  atStep: (step) => `at step ${step}`,
};
