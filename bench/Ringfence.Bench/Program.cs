using System.CommandLine;
using Ringfence.Bench.Verbs;

var clock = TimeProvider.System;
RootCommand root =
[
    LoggenVerb.Build(clock),
    RunVerb.Build(clock),
    LatencyVerb.Build(clock),
    IngestVerb.Build(clock),
    HepVerb.Build(clock),
    WireVerb.Build(clock),
    FloodVerb.Build(clock),
    ReactionVerb.Build(clock),
    BansVerb.Build(clock),
    JournalVerb.Build(clock),
    RestoreVerb.Build(clock),
    IdleVerb.Build(clock),
    FuzzVerb.Build(clock),
    NoteVerb.Build(),
    AuditVerb.Build(),
    ListsVerb.Build(clock),
    FraudVerb.Build(),
    CdrgenVerb.Build(),
    GeoVerb.Build(),
    KnockVerb.Build(clock),
    GateVerb.Build(clock),
    OuterVerb.Build(clock),
    ReportVerb.Build(clock),
];
root.Description = "What bench/compare measures with. Each verb can be used by itself.";
return await root.Parse(args).InvokeAsync();
