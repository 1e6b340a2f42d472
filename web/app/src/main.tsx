import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/results.css';
import { App } from './parts/app';
import { watchDrops } from './state/drop';
import { watchExposure } from './state/exposure';
import { watchGroups } from './state/groups';
import { watchDevice, watchSearch } from './state/run';

watchDevice();
watchDrops();
watchExposure();
watchGroups();
watchSearch();
const root = document.getElementById('app');
if (root) render(<App />, root);
