using Ringfence.Core.Calls;
using Ringfence.Core.Fraud;
using Ringfence.Core.Notices;
using Ringfence.Core.Numbers;
using Ringfence.Core.Pbx;
using Ringfence.Sources;

namespace Ringfence.Calls;

/// <summary>Does what the engine says: hangs calls up, keeps what is stopped, tells people. In <see cref="CallDesk"/>'s turn.</summary>
/// <param name="enforces">false: what would be hung up is told alone.</param>
internal sealed partial class Brake(EngineInForce inForce, LiveCalls live, CallStops stops, FraudNotice notices, Action<Notice, string> tell, bool enforces, TimeProvider clock, ILogger log)
{
    private const int MostTries = 5;

    // A channel ends within milliseconds of the order.
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(2);

    // ITU-T Q.850, 21: call rejected.
    private const string Cause = "21";

    private readonly Dictionary<string, Cut> _cuts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private string? _refused;

    /// <summary>Calls since start; if nothing is enforced those that would have been.</summary>
    public long Hung { get; private set; }

    /// <summary>Why calls are not hung up or not stopped, for people; null: all is well.</summary>
    public string? Problem => _refused
        ?? (_cuts.Values.Count(static cut => cut.Tries >= MostTries) is > 0 and var left ? $"{left} calls were to be hung up, and go on after {MostTries} tries: asterisk -rx \"core show channels\" has them" : null)
        ?? stops.Problem;

    public bool IsCut(string id) => _cuts.ContainsKey(id);

    /// <summary>Takes what the engine has said, and orders what is to be done about it.</summary>
    /// <param name="isUp">Whether a session is there that takes orders.</param>
    public void Do(long now, bool isUp, List<AmiOrder> orders)
    {
        foreach (var alarm in inForce.Engine.TakeAlarms())
        {
            Tell(alarm, isUp);
        }

        foreach (var cut in inForce.Engine.TakeCuts().Where(cut => !_cuts.ContainsKey(cut.Id)))
        {
            Hung++;
            stops.Hung(cut, now);
            if (enforces)
            {
                _cuts[cut.Id] = new Cut();
            }

            LogCut(log, enforces ? "Hung up" : "Would hang up", Shown.Text(cut.Attempt.Extension), Shown.Text(cut.Attempt.Dialled.ToString()), Rate.Amount(cut.Cost(now)));
        }

        foreach (var (id, cut) in _cuts.Where(pair => isUp && pair.Value.Tries < MostTries && (pair.Value.Tries == 0 || clock.GetElapsedTime(pair.Value.TriedAt) >= TryAgain)))
        {
            cut.Tries++;
            cut.TriedAt = clock.GetTimestamp();
            foreach (var channel in ChannelsOf(id))
            {
                orders.Add(new AmiOrder("Hangup", [("Channel", channel), ("Cause", Cause)]));
            }
        }

        stops.Save();
    }

    /// <summary>A new session: what an older one was refused, or was not answered, says nothing of this one.</summary>
    public void Connected()
    {
        _refused = null;
        _ids.Clear();
        foreach (var cut in _cuts.Values)
        {
            cut.Tries = 0;
        }
    }

    public void Sent(string id) => _ids.Add(id);

    public void Answered(LiveMessage answer)
    {
        if (_ids.Remove(answer.Text))
        {
            // A channel that is gone ends its call by itself.
            _refused = answer.IsSuccess || !answer.Data.Contains("ermission", StringComparison.Ordinal) ? null
                : "Asterisk does not let the guard hang up: the section of [ami]'s user in manager.conf needs write = call";
        }
    }

    public void Ended(string id) => _cuts.Remove(id);

    // The channel to outside costs the money. Whoever dialled at a phone goes with it: else his dialplan tries the next trunk.
    private IEnumerable<string> ChannelsOf(string id)
    {
        if (live.Find(id) is not { } call)
        {
            return [];
        }

        IEnumerable<string> legs = call.Legs.Keys;
        return call.Attempt.Origin == CallOrigin.Phone && call.DiallerId.Length > 0 ? legs.Prepend(call.DiallerId) : legs;
    }

    private void Tell(CallAlarm alarm, bool isUp)
    {
        var isCritical = alarm.Level == AlarmLevel.Critical;
        var evidence = notices.Evidence(alarm);
        stops.Add(alarm, evidence);
        var notice = notices.Of(alarm, evidence, isUp);
        LogAlarm(log, isCritical ? LogLevel.Error : LogLevel.Warning, notice.Reason);
        tell(notice, $"{(isCritical ? enforces ? "BRAKE" : "WOULD BRAKE" : "CALLS")} {notice.Reason}");
    }

    [LoggerMessage(EventId = 2943, Message = "{Words}")]
    private static partial void LogAlarm(ILogger log, LogLevel level, string words);

    [LoggerMessage(2944, LogLevel.Warning, "{What} {Extension}'s call to {Number}: {Cost} so far")]
    private static partial void LogCut(ILogger log, string what, string extension, string number, decimal cost);

    private sealed class Cut
    {
        public int Tries { get; set; }

        public long TriedAt { get; set; }
    }
}
