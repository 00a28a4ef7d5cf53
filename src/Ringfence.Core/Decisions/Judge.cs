using Ringfence.Core.Detection;
using Ringfence.Core.Detection.Rules;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;

namespace Ringfence.Core.Decisions;

/// <summary>Detection and decision behind a parser (<see cref="Sink"/>): what guard and replay both are. One log at a time; see <see cref="Log"/>.</summary>
internal sealed class Judge(Detector detector, Decider decider)
{
    // A flood of forged lines must not make everybody wait.
    private const int MostWaiting = 1_024;

    private readonly ClockWatch _clocks = new();

    // What a log alone would throttle, or ban before a message was told.
    private readonly Dictionary<Network, Waiting> _waiting = [];
    private int _tended;

    /// <summary>What was decided since the list was last emptied, in order.</summary>
    public List<Decision> Decisions { get; } = [];

    /// <summary>The log that the events come from, by <see cref="Detector.AddLog"/>.</summary>
    public ushort Log { get; set; }

    /// <summary>Remembers logins for the trust of registered contacts; null in a replay, which knows no contacts.</summary>
    public LoginSessions? Sessions { get; init; }

    /// <summary>Remembers who is registered; null in a replay.</summary>
    public LiveRegistrations? Registrations { get; init; }

    /// <summary>Remembers who meets no limit in the kernel, since he logged in; null in a replay.</summary>
    public RecentLogins? Unlimited { get; init; }

    /// <summary>Whom the kernel cut off; null: a replay.</summary>
    public JustCutOff? CutOff { get; init; }

    /// <summary>Holds the logs against the messages; null: no source shows messages.</summary>
    public CrossCheck? Check { get; set; }

    /// <summary>Knows the guard's own requests; null: a replay, where what came from loopback with their mark is one.</summary>
    public CanaryBook? Canaries { get; init; }

    /// <summary>Ends of bans that forgive what was done before them, for <see cref="Memory"/>.</summary>
    public IReadOnlyList<Unban> Forgiven { get; set; } = [];

    /// <summary>Events seen since start.</summary>
    public long SeenTotal { get; private set; }

    /// <summary>Time of the last event of PJSIP that a log told; UTC ticks; 0: none since start.</summary>
    public long LastLoggedTicks { get; private set; }

    private void See(in PbxEvent seen)
    {
        SeenTotal++;
        if (IsCanary(seen))
        {
            return;
        }

        if (seen.Service == Service.Pjsip && seen.Origin != Origin.Sip && seen.Proof != Proof.Forgeable)
        {
            LastLoggedTicks = seen.TimeTicks;
        }

        if (seen.Proof != Proof.Forgeable && _clocks.See(seen, Log) is { } step)
        {
            detector.SetBack(step);
            decider.SetBack(step);
            Unlimited?.SetBack(step);
            Registrations?.SetBack(step);
        }

        if (IsLogin(seen) && CutOff?.Holds(seen) == true)
        {
            // The PBX had it before its sender was cut off: neither a phone nor a reason to end the ban.
            Sessions?.Add(seen.Account, seen.Session, seen.Source, isLate: true);
            if (detector.TellLate(seen, Log) is { } late)
            {
                Decisions.Add(new Alert(0, late.Time, late.Source.Subject, late.Rule, late.Reason) { Evidence = late.Evidence });
            }

            return;
        }

        SeeLogin(seen);
        var decided = Decisions.Count;
        if (Check?.Holds(seen, Log) != true)
        {
            Detect(seen, Log);
        }

        // A login that led to a ban itself, with a stolen password, ends none.
        if (IsLogin(seen) && Decisions.FindIndex(decided, static decision => decision is Ban) < 0 && decider.Free(seen.Source, seen.Time) is { } freed)
        {
            detector.EndQuiet(freed.Subject, freed.Time);
            Decisions.Add(freed);
        }
    }

    /// <summary>Once a second: what waited for another source is decided.</summary>
    public void Tend()
    {
        Check?.Tend(held => Detect(held.Event, held.Log), Tell);
        _tended++;
        foreach (var (suspicion, _, transport) in _waiting.Values.Where(waiting => _tended - waiting.Since > 1).ToList())
        {
            _waiting.Remove(suspicion.Source.Subject);
            Conclude(suspicion with { MayThrottle = suspicion.MayThrottle || Check?.Shows(transport, suspicion.Source, suspicion.Time.UtcTicks) == true });
        }
    }

    private void Detect(in PbxEvent seen, ushort log)
    {
        // What the log of a banned guesser tells on was stopped.
        if (!decider.Bans(seen.Source, seen.Time) && detector.TellAccount(seen, log) is { } told)
        {
            Decisions.Add(new Alert(0, told.Time, told.Source.Subject, told.Rule, told.Reason) { Evidence = told.Evidence });
        }

        // Of IAX2 no message is seen, and its port is not among those that can be throttled; nor is what comes over TLS.
        var mayThrottle = decider.Throttles && (seen.Origin == Origin.Sip || Check?.Shows(seen) == true);
        if (detector.See(seen, log, mayThrottle, decider.CanThrottle) is not { } suspicion)
        {
            return;
        }

        // A line about UDP proves no address, and one of the level notice does not even say whether it was UDP. Where the messages have proven the sender before, those of
        // the same attempts are a moment away and will again: then there is one ban, and not a throttle first. And where a PBX that nobody called is called, the first that is
        // told of it may be its log: what anybody may have forged bans nobody before HEP or the wire had the time to tell too. Of more than can wait it comes again.
        var isEarly = !mayThrottle && decider.Throttles && Check?.MayShow(seen) == true;
        if (suspicion is { TellOnly: false, Proof: Proof.Unproven } && seen.Origin != Origin.Sip && (isEarly || (mayThrottle && detector.HasProvenMessages(seen.Source)))
            && (_waiting.ContainsKey(suspicion.Source.Subject) || (_waiting.Count < MostWaiting && _waiting.TryAdd(suspicion.Source.Subject, new Waiting(suspicion, _tended, seen.Transport))) || isEarly))
        {
            CutOff?.Suspect(suspicion);
            return;
        }

        Conclude(suspicion);
    }

    private void Conclude(Suspicion suspicion)
    {
        var verdict = decider.Decide(suspicion);
        if (verdict.Quiet is { } quiet)
        {
            detector.Quiet(suspicion.Source, quiet);
        }

        if (verdict.Displaced is { } displaced)
        {
            detector.EndQuiet(displaced.Subject, displaced.Time);
            Decisions.Add(displaced);
        }

        if (verdict.Decision is { } decision)
        {
            _waiting.Remove(decision.Subject);
            Decisions.Add(decision);
            if (decision is Ban ban)
            {
                if (ban.Throttles)
                {
                    CutOff?.Throttle(suspicion);
                }
                else
                {
                    CutOff?.Suspect(suspicion);
                    CutOff?.Add(ban.Subject, suspicion.Time);
                }
            }
        }

        if (verdict.Wider is { } wider)
        {
            Decisions.Add(wider);
        }
    }

    // Told alone: who wrote the one, and why the other is silent, is not proven.
    private void Tell(Disagreement disagreement)
    {
        if (detector.Tell(disagreement) is { } told)
        {
            Decisions.Add(new Alert(0, told.Time, told.Source.Subject, told.Rule, told.Reason) { Evidence = told.Evidence });
        }
    }

    private bool IsCanary(in PbxEvent seen) => Canaries is { } book
        ? book.Takes(seen, Log)
        : seen.Session.StartsWith(CanaryBook.Mark) && (Network.Loopback[0].Contains(seen.Source) || Network.Loopback[1].Contains(seen.Source));

    private void SeeLogin(in PbxEvent seen)
    {
        if (IsLogin(seen))
        {
            decider.LogIn(seen.Source, seen.TimeTicks);
            if (CutOff is not null && !decider.Bans(seen.Source, seen.Time))
            {
                CutOff.Late.Remove(seen.Source.Subject);
            }

            _waiting.Remove(seen.Source.Subject);
            Unlimited?.Add(seen.Source.Subject, seen.TimeTicks);
            Sessions?.Add(seen.Account, seen.Session, seen.Source);
            Registrations?.See(seen);
        }
    }

    private static bool IsLogin(in PbxEvent seen) => seen is { Kind: EventKind.LoginSucceeded, Service: Service.Pjsip, Proof: not Proof.Forgeable };

    // What completes a suspicion here was decided then.
    private void Recollect(in PbxEvent seen)
    {
        if (IsCanary(seen))
        {
            return;
        }

        if (IsLogin(seen) && CutOff is { } cutOff && (cutOff.Late.Holds(seen) || cutOff.Holds(seen)))
        {
            Sessions?.Add(seen.Account, seen.Session, seen.Source, isLate: true);
            return;
        }

        SeeLogin(seen);
        var source = seen.Source;
        var time = seen.Time;
        if (!Forgiven.Any(unban => time <= unban.Time && unban.Subject.Contains(source)) && detector.See(seen, Log, mayThrottle: false) is { TellOnly: false } suspicion && suspicion.Rule != StolenCredentials.Rule.Id)
        {
            detector.Quiet(suspicion.Source, new QuietTime(time.UtcTicks, time.UtcTicks, time.UtcTicks, Proof.Proven));
        }
    }

    /// <param name="Since">Which turn of <see cref="Tend"/>.</param>
    private readonly record struct Waiting(Suspicion Suspicion, int Since, Transport Transport);

    /// <summary>Takes what an earlier run had read: its refusals count on, so that whoever is in the middle of his tries
    /// when the guard is killed does not begin anew; and nothing is decided twice.</summary>
    public readonly struct Memory(Judge judge) : IEventSink
    {
        public void See(in PbxEvent seen) => judge.Recollect(seen);

        public void Unmatched(ReadOnlySpan<byte> line, long lineNumber)
        {
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
