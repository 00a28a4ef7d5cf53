using Ringfence.Core.Configuration;

namespace Ringfence.Core.Lists;

/// <summary>What is known of one blocklist: when it is due, whether it is stale, and what status says of it.</summary>
internal sealed class FeedBook(FeedSettings settings)
{
    private readonly RetryDelay _retry = new(TimeSpan.FromMinutes(10), settings.Every);
    private int _failures;
    private TimeSpan? _after;

    /// <summary>Of what is held; null: nothing is.</summary>
    public ListFacts? Facts { get; private set; }

    /// <summary>Why the last try failed; null: it did not.</summary>
    public string? Problem { get; private set; }

    /// <summary>When it is fetched next; null: nobody fetches it.</summary>
    public DateTimeOffset? Next { get; private set; }

    /// <summary>Where it comes from: what is kept of another place does not count.</summary>
    public string Source => settings.File ?? settings.Url?.OriginalString ?? settings.Kind?.Url ?? "";

    /// <summary>A list so old is said to be stale: three times it should have come, and a day went by.</summary>
    public TimeSpan Stale => 3 * settings.Every is var three && three > TimeSpan.FromDays(1) ? three : TimeSpan.FromDays(1);

    /// <summary>What is on the disk.</summary>
    public void Restore(ListFacts? kept) => Facts = kept?.Source == Source ? kept : null;

    /// <summary>What is on the disk can't be read.</summary>
    public void Miss(string problem) => Problem = problem;

    /// <summary>It is fetched from now on.</summary>
    /// <remarks>After a restart it is asked when it would have been, so that a guard that ends again and again asks nobody more often.</remarks>
    public void Begin(DateTimeOffset now) => Next = Facts is { } facts && facts.Checked <= now ? facts.Checked + settings.Every : now;

    /// <summary>Other entries are held.</summary>
    public void Hold(ListFacts facts) => Facts = facts;

    /// <returns>It came, and had not come before.</returns>
    public bool Succeed(DateTimeOffset now)
    {
        var isAgain = _failures > 0;
        (_failures, _after, Problem, Next) = (0, null, null, now + settings.Every);
        return isAgain;
    }

    /// <param name="after">Not before that, says the server.</param>
    /// <returns>It is another problem than the last.</returns>
    public bool Fail(string problem, TimeSpan? after, DateTimeOffset now)
    {
        _failures++;
        _after = after;
        var isNew = Problem != problem;
        (Problem, Next) = (problem, now + Pause());
        return isNew;
    }

    /// <summary>What is kept is damaged: it is fetched again, as if it had never come.</summary>
    public void Doubt(string problem, DateTimeOffset now) => (Facts, Problem, Next) = (null, problem, now);

    /// <returns>What is wrong, and what is worth to know where nothing is; for people.</returns>
    public (string? Problem, string? Note) Told(DateTimeOffset now) => this switch
    {
        { Facts: null, Problem: { } why } => ($"nothing is held: {why}", null),
        { Facts: { } facts } when now - facts.Checked > Stale => ($"STALE: the list of {Duration.Words(now - facts.Checked)} ago is in force{(Problem is null ? "" : $": {Problem}")}", null),
        { Problem: { } why } => (null, $"the last try failed, and the list of before stays: {why}"),
        { Facts: { Unread: > 0, FirstUnread: [var first, ..] } facts } => (null, $"{facts.Unread} of its entries could not be read: {first}"),
        _ => (null, null),
    };

    private TimeSpan Pause()
    {
        var least = settings.Kind is { } kind && settings.File is null ? kind.Least : TimeSpan.Zero;
        var pause = _retry.After(_failures);
        pause = pause > least ? pause : least;
        return _after > pause ? _after.Value : pause;
    }
}
