using Ringfence.Core.Fraud;

namespace Ringfence.Daemon;

/// <summary>What the engine was told since the guard began, kept until an engine that knows the time before has taken over: no call is lost meanwhile, and none counts twice. In <see cref="CallDesk"/>'s turn.</summary>
internal sealed class CallsMeanwhile
{
    // Some 30 MB, and at ten calls a second an hour: the records of three months are read in less.
    private const int Most = 100_000;

    private readonly List<Told> _told = [];
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    private enum Kind
    {
        Ask,
        Begin,
        Answer,
        End,
        See,
    }

    /// <summary>false: there was more than is kept, and only calls that still go on can be told again.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Whether a call that has a record was seen as well.</summary>
    public bool Knows(string id) => _ids.Contains(id);

    /// <summary>A call that a gate let out.</summary>
    public void Ask(string id, in CallAttempt attempt, bool hasPin) => Keep(new Told(Kind.Ask, id, attempt.At, attempt, hasPin, null));

    public void Begin(string id, in CallAttempt attempt)
    {
        if (IsWhole)
        {
            _ids.Add(id);
        }

        Keep(new Told(Kind.Begin, id, attempt.At, attempt, HasPin: false, null));
    }

    public void Answer(string id, long at) => Keep(new Told(Kind.Answer, id, at, default, HasPin: false, null));

    public void End(string id, long at) => Keep(new Told(Kind.End, id, at, default, HasPin: false, null));

    public void See(SiteEvent seen) => Keep(new Told(Kind.See, "", seen.At, default, HasPin: false, seen));

    /// <summary>Tells another engine the same, in the same order.</summary>
    public void Replay(CallEngine engine)
    {
        foreach (var told in _told)
        {
            switch (told.Kind)
            {
                case Kind.Ask:
                    engine.Ask(told.Id, told.Attempt, told.HasPin);
                    break;
                case Kind.Begin:
                    engine.Begin(told.Id, told.Attempt);
                    break;
                case Kind.Answer:
                    engine.Answer(told.Id, told.At);
                    break;
                case Kind.End:
                    engine.End(told.Id, told.At);
                    break;
                case Kind.See when told.Seen is { } seen:
                    engine.See(seen);
                    break;
            }
        }
    }

    private void Keep(in Told told)
    {
        if (_told.Count == Most)
        {
            IsWhole = false;
            _told.Clear();
            _told.TrimExcess();
        }

        if (IsWhole)
        {
            _told.Add(told);
        }
    }

    private readonly record struct Told(Kind Kind, string Id, long At, CallAttempt Attempt, bool HasPin, SiteEvent? Seen);
}
