using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;

namespace Ringfence.Core.Decisions;

/// <summary>Detection and decision behind a parser (<see cref="Sink"/>): what guard and replay both are. One log at a time; see <see cref="Log"/>.</summary>
internal sealed class Judge(Detector detector, Decider decider)
{
    private readonly ClockWatch _clocks = new();

    /// <summary>What was decided since the list was last emptied, in order.</summary>
    public List<Decision> Decisions { get; } = [];

    /// <summary>The log that the events come from, by <see cref="Detector.AddLog"/>.</summary>
    public ushort Log { get; set; }

    /// <summary>Remembers logins for the trust of registered contacts; null in a replay, which knows no contacts.</summary>
    public LoginSessions? Sessions { get; init; }

    /// <summary>Events seen since start.</summary>
    public long SeenTotal { get; private set; }

    private void See(in PbxEvent seen)
    {
        SeenTotal++;
        if (seen.Proof != Proof.Forgeable && _clocks.See(seen, Log) is { } step)
        {
            detector.SetBack(step);
            decider.SetBack(step);
        }

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

        /// <summary>The parser counts them.</summary>
        public void Unmatched(ReadOnlySpan<byte> line, long lineNumber)
        {
        }
    }
}
