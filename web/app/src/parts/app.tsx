import { Downloads } from './downloads';
import { ExposurePanel } from './exposure';
import { MapPanel } from './map';
import { Options } from './options';
import { Source } from './source';
import { Status } from './status';
import { Table } from './table';

/** The page. */
export function App() {
  return (
    <div class="page">
      <header class="top">
        <h1>
          <img src="./icon.svg" alt="" width="28" height="28" />
          clusterclip
        </h1>
        <p>
          Group documents by topic, decide how often each topic is read, take the training order with you.
          Everything happens in this browser: nothing is sent anywhere.
        </p>
      </header>
      <Status />
      <main>
        <form class="side" onSubmit={(event) => event.preventDefault()} aria-label="Documents and options">
          <Source />
          <Options />
          <Downloads />
        </form>
        <div class="results">
          <MapPanel />
          <ExposurePanel />
          <Table />
        </div>
      </main>
      <footer>
        <p>
          Clusters and order are the same bytes as those of the command line <code>clusterclip</code>, on
          every CPU and every GPU. Method: ClusterClip Sampling, arXiv 2402.14526.
        </p>
      </footer>
    </div>
  );
}
