using Ringfence.Core.Audit;
using Xunit;

namespace Ringfence.Tests.Audit;

public sealed class ObjectsInDatabaseTests
{
    [Theory]
    [InlineData("endpoint=realtime,ps_endpoints\nendpoint=config,pjsip.conf,criteria=type=endpoint\n", "of two of one name that from there counts")]
    [InlineData("endpoint=config,pjsip.conf,criteria=type=endpoint\nendpoint=realtime,ps_endpoints\n", "of two of one name that of the file counts")]
    [InlineData("endpoint=realtime,ps_endpoints\n", "alone")]
    public void Of_an_object_in_a_file_and_in_a_database_it_is_told_which_one_counts(string mapping, string expected)
    {
        var pbx = ExampleFiles.Of($"[res_pjsip]\n{mapping}", "sorcery.conf").Pbx;

        var fault = Assert.Single(AuditRules.All.Single(rule => rule.Id == "RF1116").Check(pbx));

        Assert.Contains(expected, fault.Text, StringComparison.Ordinal);
    }
}
