export { type CountdownTasksOptions, countdownPrompt, countdownTasks } from './countdown.ts';
export { instructionTasks, tinyInstructionTasks, tinyMarks } from './instructions.ts';
export { arithmeticTasks, reversingTasks, sortingTasks } from './strings.ts';
