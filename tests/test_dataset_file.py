"""Datasets on disk: all of what was saved comes back, and nothing that is not ours is taken."""

import numpy as np
import pytest
import xarray as xr

from spinneuron import dataset_file
from spinneuron.quantity import InputError


def example(kind="spinneuron-window"):
    return xr.Dataset(
        {
            "regime": (("width", "name"), np.array([[0, 1], [2, -1]], dtype=np.int8), {"units": "1"}),
            "tau": (("width", "name"), np.array([[1e-9, np.nan], [np.inf, -0.0]]), {"units": "s"}),
            "energy": ((), np.inf, {"units": "J"}),
        },
        {"width": [1e-9, 2e-9], "name": ["a", "µ"]},
        {"kind": kind, "seed": 2**62 + 1, "dt": np.nan, "device": '{"name": "µ"}'},
    )


@pytest.mark.parametrize("kind", dataset_file.KINDS)
def test_every_bit_comes_back(kind, tmp_path):
    path = tmp_path / "a.nc"
    dataset_file.save(example(kind), path)
    loaded = dataset_file.load(path)
    xr.testing.assert_identical(loaded, example(kind))
    assert all(loaded[name].dtype == example()[name].dtype for name in example().data_vars)
    assert loaded["tau"].values.tobytes() == example()["tau"].values.tobytes()


def test_is_compressed(tmp_path):
    path = tmp_path / "a.nc"
    dataset_file.save(xr.Dataset({"zeros": ("x", np.zeros(10**6))}, attrs={"kind": "spinneuron-run"}), path)
    # 8 MB of zeros; whatever the headers take, a hundredth is enough.
    assert path.stat().st_size < 80_000


def test_existing_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "a.nc"
    dataset_file.save(example(), path)
    before = path.read_bytes()

    def full_disk(self, where, **options):
        where.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xr.Dataset, "to_netcdf", full_disk)
    with pytest.raises(InputError, match=r"a\.nc: cannot be written \(No space left on device\)"):
        dataset_file.save(example(), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_unwritable(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        dataset_file.save(example(), tmp_path / "missing" / "a.nc")


def test_foreign_datasets_are_not_saved(tmp_path):
    with pytest.raises(InputError, match='kind = "spinneuron-cat": not one of'):
        dataset_file.save(example("spinneuron-cat"), tmp_path / "a.nc")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("size", [0, 10, 100, 2000, -1])
def test_truncated(size, tmp_path):
    path = tmp_path / "a.nc"
    dataset_file.save(example(), path)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(InputError, match=r"a\.nc: is cut off or no NetCDF-4 file") as raised:
        dataset_file.load(path)
    assert "\n" not in str(raised.value)


def test_missing_folder_text_and_foreign(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        dataset_file.load(tmp_path / "a.nc")
    with pytest.raises(InputError, match="is a folder"):
        dataset_file.load(tmp_path)
    (tmp_path / "text.nc").write_text("no data")
    with pytest.raises(InputError, match="no NetCDF-4 file"):
        dataset_file.load(tmp_path / "text.nc")
    example().assign_attrs(kind="other").to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    with pytest.raises(InputError, match=r'was not written by spinneuron \(kind = "other"\)'):
        dataset_file.load(tmp_path / "other.nc")
