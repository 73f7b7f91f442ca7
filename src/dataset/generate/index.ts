export { type CountdownTasksOptions, countdownPrompt, countdownTasks } from './countdown.ts';
export { arithmeticTasks, reversingTasks, sortingTasks } from './strings.ts';
