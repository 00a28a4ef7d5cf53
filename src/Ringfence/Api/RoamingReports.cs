namespace Ringfence.Api;

/// <summary>Users who opened a door for themselves.</summary>
/// <param name="Users">Who is in now, or waits for his door.</param>
/// <param name="Page">null: there is no page.</param>
/// <param name="Problem">Why no door can be opened now; null: they can.</param>
internal sealed record RoamingReport(IReadOnlyList<RoamingUserReport> Users, KnocksReport Knocks, PageReport? Page, string? Problem);

/// <param name="User">"*": somebody who knows the ports.</param>
internal sealed record RoamingUserReport(string User, string Address, DateTimeOffset Until);

/// <summary>What became of knocks since the start.</summary>
/// <param name="Strange">Of no user.</param>
/// <param name="Forged">With the number of a user, and made without his key.</param>
/// <param name="Late">By a clock that is wrong, or held back on the way.</param>
/// <param name="Repeated">Copies.</param>
/// <param name="TooMany">Of one user, more than are remembered.</param>
/// <param name="Odd">Made with a key, and not to be understood.</param>
internal sealed record KnocksReport(long Opened, long Strange, long Forged, long Late, long Repeated, long TooMany, long Odd);

/// <summary>What became of logins at the page since the start.</summary>
/// <param name="Waiting">Tries that had to wait.</param>
internal sealed record PageReport(long Opened, long Refused, long Waiting);

/// <summary>Doors that were shut.</summary>
internal sealed record DoorsClosedReport(IReadOnlyList<RoamingUserReport> Closed);
