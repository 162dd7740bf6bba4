"""The library's own tests of a persistence module, over the Unix socket and over TCP."""

from __future__ import annotations

import pytest
from eventsourcing.persistence import NotSupportedError
from eventsourcing.postgres import PostgresAggregateRecorder, PostgresTrackingRecorder
from eventsourcing.tests.persistence import (
    AggregateRecorderTestCase,
    ApplicationRecorderTestCase,
    InfrastructureFactoryTestCase,
    NonInterleavingNotificationIDsBaseCase,
    TrackingRecorderTestCase,
)
from eventsourcing.utils import Environment

from ops.store import Factory, Recorder


class Served:
    """What the cases below share: a factory on a schema of its own."""

    tcp = False

    @pytest.fixture(autouse=True)
    def served(self, postgres, schema):
        dsn = postgres.tcp_dsn if self.tcp else postgres.dsn
        variables = {"PERSISTENCE_MODULE": "ops.store", "SOGOC_DSN": dsn, "SOGOC_SCHEMA": schema}
        self.env = Environment("Register", variables)
        with Factory(self.env) as self.served_by:
            yield


class Quiet(Recorder):
    """The case of aggregate recorders wants None where a log gives positions."""

    def insert_events(self, stored_events, **kwargs):
        super().insert_events(stored_events, **kwargs)


class TestLogAsAggregateRecorder(Served, AggregateRecorderTestCase):
    def create_recorder(self):
        recorder = Quiet(self.served_by.datastore)
        recorder.create_table()
        return recorder


class TestSnapshots(Served, AggregateRecorderTestCase):
    def create_recorder(self):
        return self.served_by.aggregate_recorder("snapshots")


class TestLog(Served, ApplicationRecorderTestCase[Recorder]):
    def create_recorder(self):
        return self.served_by.application_recorder()

    def test_insert_subscribe(self):
        self.optional_test_insert_subscribe()


class TestOrder(Served, NonInterleavingNotificationIDsBaseCase):
    insert_num = 1000

    def create_recorder(self):
        return self.served_by.application_recorder()


class TestTracking(Served, TrackingRecorderTestCase):
    def create_recorder(self):
        return self.served_by.tracking_recorder()


class OtherTrackingRecorder(PostgresTrackingRecorder):
    pass


class TestFactory(Served, InfrastructureFactoryTestCase[Factory]):
    def expected_factory_class(self):
        return Factory

    def expected_aggregate_recorder_class(self):
        return PostgresAggregateRecorder

    def expected_application_recorder_class(self):
        return Recorder

    def expected_tracking_recorder_class(self):
        return PostgresTrackingRecorder

    def tracking_recorder_subclass(self):
        return OtherTrackingRecorder

    def expected_process_recorder_class(self):
        raise AssertionError("there is none")

    def test_create_process_recorder(self):
        """Overridden: a process recorder keeps events of its own beside the log, out of its order.

        We promise one total order, so the factory refuses to make one.
        """
        with pytest.raises(NotSupportedError):
            self.factory.process_recorder()


class TestLogAsAggregateRecorderOverTcp(TestLogAsAggregateRecorder):
    tcp = True


class TestSnapshotsOverTcp(TestSnapshots):
    tcp = True


class TestLogOverTcp(TestLog):
    tcp = True


class TestOrderOverTcp(TestOrder):
    tcp = True


class TestTrackingOverTcp(TestTracking):
    tcp = True


class TestFactoryOverTcp(TestFactory):
    tcp = True
