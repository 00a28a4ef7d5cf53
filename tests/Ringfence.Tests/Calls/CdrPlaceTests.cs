using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Calls;
using Xunit;

namespace Ringfence.Tests.Calls;

public sealed class CdrPlaceTests
{
    [Theory]
    [InlineData("/var/log/asterisk/cdr-csv/Master.csv", "File", "/var/log/asterisk/cdr-csv/Master.csv", "", 0, "")]
    [InlineData("mysql://db.example.com:3307/asteriskcdrdb", "MySql", "", "db.example.com", 3307, "asteriskcdrdb")]
    [InlineData("mysql:///asteriskcdrdb?socket=/run/mysqld/mysqld.sock", "MySql", "/run/mysqld/mysqld.sock", "", 0, "asteriskcdrdb")]
    [InlineData("postgresql://[2001:db8::1]:5433/asterisk", "PostgreSql", "", "2001:db8::1", 5433, "asterisk")]
    [InlineData("postgresql:///asterisk?socket=/run/postgresql", "PostgreSql", "/run/postgresql", "", 0, "asterisk")]
    public void A_place_is_a_file_a_server_or_a_socket(string text, string kind, string path, string host, int port, string database)
    {
        var place = CdrPlace.Parse(text);
        Assert.Equal((kind, path, host, port, database), (place?.Kind.ToString(), place?.Path, place?.Host, place?.Port, place?.Database));
    }

    [Theory]
    [InlineData("Master.csv")]
    [InlineData("/")]
    [InlineData("mysql://user:password@db.example.com/cdr")]
    [InlineData("mysql://db.example.com")]
    [InlineData("mysql:///cdr")]
    [InlineData("mysql://db.example.com/cdr?socket=/run/x")]
    [InlineData("mysql://db.example.com:0/cdr")]
    [InlineData("mysql://db;Server=x/cdr")]
    [InlineData("mysql:///cdr?socket=/run/x;Server=evil")]
    [InlineData("oracle://db.example.com/cdr")]
    public void What_is_none_is_refused(string text) => Assert.Null(CdrPlace.Parse(text));

    [Fact]
    public void No_text_throws_and_none_brings_more_into_a_connection_than_its_parts() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), static text =>
        {
            foreach (var one in (string[])[text.Get, $"mysql://{text.Get}/cdr", $"postgresql://h/{text.Get}", $"mysql:///cdr?socket=/{text.Get}"])
            {
                if (CdrPlace.Parse(one) is { IsServer: true } place && $"{place.Host}{place.Path}{place.Database}".IndexOfAny([';', '=']) >= 0)
                {
                    return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();
}
