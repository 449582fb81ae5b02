//! What is delivered beside the program stays true: the documents, and what stands under deploy/.
mod support;

mod docs {
    mod deploy;
    mod documents;
}
