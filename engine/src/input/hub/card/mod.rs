//! The head of a data set's README: which configurations it has, and which files each of them.

mod yaml;

use self::yaml::{Configured, Described, Info, Infos};

/// The files that may hold such a head; what the second says goes before what the first says.
pub(super) const CARDS: [&str; 2] = ["README.md", ".huggingface.yaml"];
/// The configuration that is meant without a name, where there is one called so.
pub(super) const DEFAULT: &str = "default";

/// What a data set says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Card {
    pub(super) configs: Vec<Config>,
    /// The configurations that are described, in whatever way.
    pub(super) described: Vec<String>,
}

/// A configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Config {
    pub(super) name: String,
    /// Splits with the patterns of their files, in order; `None` where names of files tell.
    pub(super) splits: Option<Vec<(String, Vec<String>)>>,
    /// The folder that its files lie in.
    pub(super) folder: Option<String>,
    is_default: bool,
}

/// Which configuration is meant without a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meant<'a> {
    One(&'a Config),
    /// There are none: names of files tell.
    None,
    /// Nothing says which.
    Unclear,
}

impl Card {
    /// Reads the text of a README.
    ///
    /// # Errors
    /// What is wrong with its head.
    pub(super) fn of_readme(text: &str) -> Result<Self, String> {
        head(text).map_or_else(|| Ok(Self::default()), Self::of_yaml)
    }

    /// Reads YAML.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn of_yaml(text: &str) -> Result<Self, String> {
        // Descriptions of features can be odd; of them the names alone are of use, and only where all is well.
        let described = match serde_saphyr::from_str(text) {
            Ok(Some(Described { dataset_info: Some(Infos::One(info)) })) => vec![info.name()],
            Ok(Some(Described { dataset_info: Some(Infos::Many(infos)) })) => {
                infos.into_iter().map(Info::name).collect()
            }
            _ => Vec::new(),
        };
        // There may be comments alone.
        let configured: Option<Configured> =
            serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
        let mut known: Vec<Config> = Vec::new();
        for config in configured.and_then(|configured| configured.configs).unwrap_or_default() {
            let config = config.checked()?;
            // As in a dictionary: the last of a name in the place of the first.
            match known.iter_mut().find(|known| known.name == config.name) {
                Some(known) => *known = config,
                None => known.push(config),
            }
        }
        Ok(Self { configs: known, described })
    }

    /// What both say; what `over` says of a thing goes before.
    pub(super) fn overlaid(self, over: Self) -> Self {
        let of = |own: Vec<_>, over: Vec<_>| if over.is_empty() { own } else { over };
        Self {
            configs: if over.configs.is_empty() { self.configs } else { over.configs },
            described: of(self.described, over.described),
        }
    }

    /// The configuration that is meant where none is named.
    pub(super) fn meant(&self) -> Meant<'_> {
        if let [only] = &self.configs[..] {
            return Meant::One(only);
        }
        let mut flagged = self.configs.iter().filter(|config| config.is_default || config.name == DEFAULT);
        match (flagged.next(), flagged.next(), &self.described[..]) {
            (Some(config), None, _) => Meant::One(config),
            (None, None, [name]) => {
                let described = self.configs.iter().find(|config| config.name == *name);
                described.map_or(Meant::Unclear, Meant::One)
            }
            _ if self.configs.is_empty() => Meant::None,
            _ => Meant::Unclear,
        }
    }
}

/// The YAML between two lines of three dashes, of which the first is the first line that is not blank.
fn head(text: &str) -> Option<&str> {
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    let rest = text.strip_prefix("---").filter(|rest| rest.starts_with(['\n', '\r']))?;
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if at > 0 && line.trim_end_matches(['\n', '\r']) == "---" {
            return Some(&rest[..at]);
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(card: &Card) -> Vec<&str> {
        card.configs.iter().map(|config| &*config.name).collect()
    }

    fn splits(config: &Config) -> Vec<(&str, Vec<&str>)> {
        let splits = config.splits.iter().flatten();
        splits.map(|(split, paths)| (&**split, paths.iter().map(String::as_str).collect())).collect()
    }

    #[test]
    fn data_files_are_a_text_a_list_or_splits() {
        let card = Card::of_readme(
            "---\nlicense: mit\nsize_categories: [1K<n<10K]\ndataset_info:\n  features:\n  - name: text\n    dtype: \
             string\nconfigs:\n- config_name: one\n  data_files: a.csv\n- config_name: list\n  data_files:\n  - \
             \"a/*\"\n  - b/**\n- config_name: splits\n  default: true\n  data_files:\n  - split: train\n    path: \
             t/*.csv\n  - split: dev_x\n    path:\n    - d1.csv\n    - d2.csv\n- config_name: dir\n  data_dir: en\n  \
             sep: ';'\n---\n# Text\nconfigs: none\n---\n",
        )
        .expect("a head");
        assert_eq!(names(&card), ["one", "list", "splits", "dir"]);
        assert_eq!(splits(&card.configs[0]), [("train", vec!["a.csv"])]);
        assert_eq!(splits(&card.configs[1]), [("train", vec!["a/*", "b/**"])]);
        assert_eq!(
            splits(&card.configs[2]),
            [("train", vec!["t/*.csv"]), ("dev_x", vec!["d1.csv", "d2.csv"])]
        );
        assert_eq!((card.configs[3].splits.as_ref(), card.configs[3].folder.as_deref()), (None, Some("en")));
        assert_eq!(card.meant(), Meant::One(&card.configs[2]));
        assert_eq!(card.described, ["default"]);
    }

    #[test]
    fn a_configuration_is_meant_by_being_alone_named_flagged_or_described() {
        let of = |yaml: &str| {
            let card = Card::of_yaml(yaml).expect(yaml);
            match card.meant() {
                Meant::One(config) => config.name.clone(),
                Meant::None => "none".to_owned(),
                Meant::Unclear => "unclear".to_owned(),
            }
        };
        assert_eq!(of("license: mit"), "none");
        for yaml in ["configs:\n", "", "# none\n"] {
            assert_eq!(of(yaml), "none");
        }
        assert_eq!(of("configs:\n- config_name: x\n"), "x");
        assert_eq!(of("configs:\n- config_name: x\n- config_name: y\n"), "unclear");
        assert_eq!(of("configs:\n- config_name: x\n- config_name: default\n"), "default");
        assert_eq!(of("configs:\n- config_name: x\n- config_name: y\n  default: true\n"), "y");
        assert_eq!(
            of("configs:\n- config_name: default\n- config_name: y\n  default: true\n"),
            "unclear",
            "two defaults"
        );
        assert_eq!(
            of(
                "configs:\n- config_name: x\n- config_name: y\ndataset_info:\n  config_name: y\n  splits: []\n"
            ),
            "y"
        );
        let infos = "dataset_info:\n- config_name: x\n- config_name: y\n";
        assert_eq!(of(&format!("configs:\n- config_name: x\n- config_name: y\n{infos}")), "unclear");
        // What looks like a number or a truth value is a name.
        assert_eq!(of("configs:\n- config_name: 2023\n"), "2023");
        let info = "dataset_info:\n  config_name: y\n  features:\n  - name: n\n    dtype: string\n";
        assert_eq!(of(&format!("configs:\n- config_name: x\n- config_name: y\n{info}")), "y");
        let card =
            Card::of_yaml("configs:\n- config_name: a\n  data_files:\n  - split: n\n    path: a.csv\n");
        assert_eq!(splits(&card.expect("a card").configs[0]), [("n", vec!["a.csv"])]);
    }

    #[test]
    fn what_is_no_head_is_none_and_what_is_damaged_is_told() {
        for text in ["", "# Title\n", "text\n---\nconfigs: []\n---\n", "--- x\n---\n", "---\nconfigs: []\n"] {
            assert_eq!(Card::of_readme(text).expect(text), Card::default(), "{text:?}");
        }
        assert_eq!(
            Card::of_readme("\n---\r\nconfigs:\r\n- config_name: a\r\n---\r\n")
                .expect("a head")
                .configs
                .len(),
            1
        );
        for (yaml, says) in [
            ("configs: [", ""),
            ("configs: 7", ""),
            ("configs:\n- data_files: x.csv\n", "config_name"),
            ("configs:\n- config_name: a\n  data_files:\n    x: y\n", ""),
            (
                "configs:\n- config_name: a\n  data_files:\n  - split: x\n    path: 1.csv\n  - b.csv\n",
                "partly",
            ),
            (
                "configs:\n- config_name: a\n  data_files:\n  - split: x\n    path: 1.csv\n  - split: x\n    path: b\n",
                "twice",
            ),
        ] {
            let error = Card::of_yaml(yaml).expect_err(yaml);
            assert!(error.contains(says), "{yaml}: {error}");
        }
    }

    #[test]
    fn a_file_of_yaml_goes_before_the_readme() {
        let readme =
            Card::of_yaml("configs:\n- config_name: a\ndataset_info:\n  config_name: a\n").expect("YAML");
        let own = Card::of_yaml("configs:\n- config_name: b\n").expect("YAML");
        let both = readme.clone().overlaid(own);
        assert_eq!((names(&both), &both.described[..]), (vec!["b"], &["a".to_owned()][..]));
        assert_eq!(readme.clone().overlaid(Card::default()), readme);
    }
}
