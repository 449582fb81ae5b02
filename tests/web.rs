//! The real server on a free port: API, live socket, pages, the page in Chromium.
mod support;

mod web {
    mod access;
    mod api;
    mod browser;
    mod docs;
    mod fixture;
    mod lists;
    mod live;
    mod models;
    mod operate;
    mod pages;
    mod proxy;
    mod snapshots {
        mod answers;
        mod filled;
        pub(super) mod pages;
    }
    mod socket;
    mod track;
}
