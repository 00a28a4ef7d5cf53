namespace Ringfence.Databases;

/// <summary>A database on a server, and who asks there.</summary>
/// <param name="IsMySql">MariaDB or MySQL; else PostgreSQL.</param>
/// <param name="Host">A name or an address, or a socket's path, which begins with /; of PostgreSQL the socket's directory.</param>
/// <param name="Port">0: the usual one.</param>
/// <param name="Password">null: none.</param>
internal sealed record DatabaseServer(bool IsMySql, string Host, int Port, string Database, string User, string? Password);

/// <summary>How long a server may take, from the call to the last byte of its answer.</summary>
internal sealed record DatabaseLimits(TimeSpan Connect, TimeSpan Query)
{
    public static DatabaseLimits Usual { get; } = new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30));
}
