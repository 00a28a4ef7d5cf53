using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;

namespace Ringfence.Core.Decisions;

/// <summary>Detection and decision behind a parser (<see cref="Sink"/>): what guard and replay both are. One log at a time; see <see cref="Log"/>.</summary>
internal sealed class Judge(Detector detector, Decider decider)
{
    private readonly long[] _events = new long[Enum.GetValues<EventKind>().Length];

    /// <summary>What was decided since the list was last emptied, in order.</summary>
    public List<Decision> Decisions { get; } = [];

    /// <summary>The log that the events come from, by <see cref="Detector.AddLog"/>.</summary>
    public ushort Log { get; set; }

    /// <summary>Remembers logins for the trust of registered contacts; null in a replay, which knows no contacts.</summary>
    public LoginSessions? Sessions { get; init; }

    /// <summary>Called with each line that looks like a security line and has no grammar; null: counted only.</summary>
    public Action<long>? OnUnmatched { get; set; }

    /// <summary>Events seen since start, by kind.</summary>
    public long Seen(EventKind kind) => _events[(int)kind];

    public long SeenTotal => _events.Sum();

    private void See(in PbxEvent seen)
    {
        _events[(int)seen.Kind]++;
        if (seen.Kind == EventKind.LoginSucceeded && seen.Service == Service.Pjsip && seen.Proof != Proof.Forgeable)
        {
            decider.Logins.Add(seen.Source, seen.TimeTicks);
            Sessions?.Add(seen.Account, seen.Session, seen.Source);
        }

        if (detector.See(seen, Log) is not { } suspicion)
        {
            return;
        }

        var verdict = decider.Decide(suspicion);
        detector.Quiet(suspicion.Source, verdict.Quiet);
        if (verdict.Displaced is { } displaced)
        {
            Decisions.Add(displaced);
        }

        if (verdict.Decision is { } decision)
        {
            Decisions.Add(decision);
        }
    }

    /// <summary>What the parser tells. A struct, so that the parser is compiled for it and calls it directly.</summary>
    public readonly struct Sink(Judge judge) : IEventSink
    {
        public void See(in PbxEvent seen) => judge.See(seen);

        public void Unmatched(ReadOnlySpan<byte> line, long lineNumber) => judge.OnUnmatched?.Invoke(lineNumber);
    }
}
