namespace Ringfence.Outer;

/// <summary>How a firewall outside this machine does.</summary>
/// <param name="Where">Its server, or the program that tells it.</param>
/// <param name="Told">Bans that it has for certain.</param>
/// <param name="Waiting">Bans and unbans that it has yet to be told.</param>
/// <param name="LeftOut">Bans beyond what it may have (most).</param>
/// <param name="LastSuccess">null: none since start.</param>
/// <param name="Next">When it is told again behind a failure; null: it is not waited for.</param>
/// <param name="Problem">Why it is not told now; null while all is well.</param>
/// <param name="Note">What is odd and needs nobody to be woken; null: nothing.</param>
internal sealed record OuterStatus(string Name, string Where, int Told, int Waiting, int LeftOut, DateTimeOffset? LastSuccess, DateTimeOffset? Next, string? Problem, string? Note);
