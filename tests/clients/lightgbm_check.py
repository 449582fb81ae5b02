"""Trains LightGBM with the settings of our trees: FOLDER with settings.json, train.f32, hit.u8 and test.f32 (rows of
bin numbers); writes what it says of the test rows, log odds, to said.f64."""

import json
import pathlib
import sys

import lightgbm
import numpy

folder = pathlib.Path(sys.argv[1])
settings = json.loads((folder / "settings.json").read_text())
width = settings["width"]


def rows(name):
    return numpy.fromfile(folder / name, dtype="<f4").reshape(-1, width)


train, test = rows("train.f32"), rows("test.f32")
hit = numpy.fromfile(folder / "hit.u8", dtype=numpy.uint8)
said = numpy.zeros(len(test))
for bag in range(settings["bags"]):
    config = {
        "objective": "binary",
        "learning_rate": settings["rate"],
        "num_leaves": settings["leaves"],
        "min_data_in_leaf": settings["min_rows"],
        "lambda_l2": settings["ridge"],
        "feature_fraction": settings["columns"],
        "bagging_fraction": settings["rows"],
        "bagging_freq": 1,
        "monotone_constraints": [int(rising) for rising in settings["rising"]],
        # Values are numbers of bins: each stays its own.
        "max_bin": 255,
        "min_data_in_bin": 1,
        # What its defaults add to that: another limit of a leaf, and columns that it joins or leaves out.
        "min_sum_hessian_in_leaf": 0.0,
        "feature_pre_filter": False,
        "enable_bundle": False,
        "seed": settings["seed"] + bag,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 2,
        "verbosity": -1,
    }
    booster = lightgbm.train(config, lightgbm.Dataset(train, hit, params=config), settings["rounds"])
    assert booster.num_trees() == settings["rounds"], booster.num_trees()
    said += booster.predict(test, raw_score=True) / settings["bags"]
said.astype("<f8").tofile(folder / "said.f64")
